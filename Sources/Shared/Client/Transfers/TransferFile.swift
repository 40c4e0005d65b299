import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that a transfer reads or writes, on threads that are made for waiting: never on an event
/// loop, nor on those that run tasks.
final class TransferFile: Sendable {
  /// How much is read or written at once: with what the socket holds, well below 256 KiB.
  static let chunkBytes = 64 * 1024

  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Opens a file to be sent.
  ///
  /// - Throws: ``TransferError/fileChanged`` when it is not what it was, ``TransferError/file(code:)``.
  static func reading(_ source: UploadSource) async throws(TransferError) -> TransferFile {
    try await work { () throws(TransferError) in
      // Not to hang on a pipe that has taken the file's place.
      let file = TransferFile(
        descriptor: try check { open(source.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) })
      let status = try file.status()
      guard status.st_mode & S_IFMT == S_IFREG, Int64(status.st_size) == source.size,
        source.modified == nil || source.modified == UploadSource.modificationTime(of: status)
      else { throw TransferError.fileChanged }
      return file
    }
  }

  /// Opens or makes a file to be written, with mode 0600.
  static func writing(_ path: String) async throws(TransferError) -> (TransferFile, size: Int64) {
    try await work { () throws(TransferError) in
      let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
      let file = TransferFile(descriptor: try check { open(path, flags, 0o600) })
      let status = try file.status()
      guard status.st_mode & S_IFMT == S_IFREG else { throw TransferError.file(code: EINVAL) }
      return (file, Int64(status.st_size))
    }
  }

  /// The next bytes from a place on; fewer than `chunkBytes` only at the end.
  ///
  /// - Throws: ``TransferError/fileChanged`` when there are none.
  func read(at offset: Int64, atMost limit: Int64) async throws(TransferError) -> ByteBuffer {
    try await Self.work { () throws(TransferError) in
      var buffer = ByteBuffer()
      let wanted = Int(min(limit, Int64(Self.chunkBytes)))
      var failure: TransferError?
      buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { bytes in
        do throws(TransferError) {
          return try Self.check { pread(self.descriptor, bytes.baseAddress, wanted, off_t(offset)) }
        } catch {
          failure = error
          return 0
        }
      }
      if let failure { throw failure }
      guard buffer.readableBytes > 0 else { throw TransferError.fileChanged }
      return buffer
    }
  }

  func write(_ buffer: ByteBuffer, at offset: Int64) async throws(TransferError) {
    try await Self.work { () throws(TransferError) in
      var rest = buffer
      var place = offset
      while rest.readableBytes > 0 {
        let count = try Self.check {
          rest.withUnsafeReadableBytes {
            pwrite(self.descriptor, $0.baseAddress, $0.count, off_t(place))
          }
        }
        rest.moveReaderIndex(forwardBy: count)
        place += Int64(count)
      }
    }
  }

  /// Cuts the file off behind so many bytes.
  func truncate(to size: Int64) async throws(TransferError) {
    try await Self.work { () throws(TransferError) in
      _ = try Self.check { ftruncate(self.descriptor, off_t(size)) }
    }
  }

  /// Makes what was written durable and gives the file its final name.
  func finish(_ path: String, as final: String) async throws(TransferError) {
    try await Self.work { () throws(TransferError) in
      try Self.check { fsync(self.descriptor) }
      try Self.check { rename(path, final) }
    }
  }

  private func status() throws(TransferError) -> stat {
    var status = stat()
    try Self.check { fstat(descriptor, &status) }
    return status
  }

  private static func work<Value: Sendable>(
    _ body: @escaping @Sendable () throws(TransferError) -> Value
  ) async throws(TransferError) -> Value {
    let result: Result<Value, TransferError>
    do {
      result = try await NIOThreadPool.singleton.runIfActive {
        do throws(TransferError) {
          return .success(try body())
        } catch {
          return .failure(error)
        }
      }
    } catch {
      // The pool is never shut down; what it throws is a cancellation.
      throw .cancelled
    }
    return try result.get()
  }

  @discardableResult
  private static func check<Value: SignedInteger>(_ call: () -> Value) throws(TransferError)
    -> Value
  {
    while true {
      let value = call()
      guard value == -1 else { return value }
      let code = errno
      guard code == EINTR else { throw .file(code: code) }
    }
  }
}

/// A file of this machine that is to be sent.
public struct UploadSource: Hashable, Sendable {
  /// Where it is.
  public var path: String
  /// What the others see it called.
  public var name: String
  /// Its size in bytes.
  public var size: Int64
  /// When it was last changed, in nanoseconds since 1970; `nil` does not check.
  public var modified: Int64?

  public init(path: String, name: String, size: Int64, modified: Int64? = nil) {
    self.path = path
    self.name = name
    self.size = size
    self.modified = modified
  }

  /// When a file was last changed, as ``modified`` counts.
  public static func modificationTime(of status: stat) -> Int64 {
    #if canImport(Glibc)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
