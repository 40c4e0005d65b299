import Glibc
import NIOCore
import ServerCore

/// A regular file that is open, until the last reference to it goes. Its calls block: they are for
/// ``FileStore``'s threads.
final class OpenFile: Sendable {
  /// Writes like `pwrite`, which it is outside of tests.
  typealias Write = @Sendable (Int32, UnsafeRawPointer?, Int, off_t) -> Int

  /// How many bytes are given to the disk at a time.
  private static let stretch: Int64 = 8 << 20

  private let descriptor: Int32
  private let write: Write

  /// Takes an open descriptor over.
  ///
  /// - Throws: ``FileError`` when it is not that of a regular file.
  init(_ descriptor: Int32, writingWith write: @escaping Write) throws(FileError) {
    self.descriptor = descriptor
    self.write = write
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .last("stat") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .failed(cause: "no regular file") }
  }

  deinit { close(descriptor) }

  /// Keeps others from ``lock(waiting:)`` until this object goes.
  ///
  /// - Throws: ``FileError/busy`` when somebody keeps us, and we do not wait.
  func lock(waiting: Bool) throws(FileError) {
    while flock(descriptor, LOCK_EX | (waiting ? 0 : LOCK_NB)) != 0 {
      guard errno != EWOULDBLOCK else { throw .busy }
      guard errno == EINTR else { throw .last("flock") }
    }
  }

  /// Whether it is the file that has a name.
  func isNamed(_ name: String, in directory: Int32) throws(FileError) -> Bool {
    var (mine, named) = (stat(), stat())
    guard fstat(descriptor, &mine) == 0 else { throw .last("stat") }
    guard fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 else {
      guard errno == ENOENT else { throw .last("stat") }
      return false
    }
    return (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino)
  }

  /// Its length in bytes.
  func length() throws(FileError) -> Int64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .last("stat") }
    return Int64(status.st_size)
  }

  /// Writes all of a buffer. When it fails, some of it may be written.
  func write(_ buffer: ByteBuffer, at offset: Int64) throws(FileError) {
    let result = buffer.withUnsafeReadableBytes { bytes -> Result<Void, FileError> in
      var done = 0
      while done < bytes.count {
        let count = write(
          descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done,
          off_t(offset) + off_t(done))
        if count > 0 {
          done += count
        } else if count == 0 {
          return .failure(.full)
        } else if errno != EINTR {
          return .failure(.last("write"))
        }
      }
      return .success(())
    }
    try result.get()
    flush(behind: offset + Int64(buffer.readableBytes), from: offset)
  }

  /// Has the disk begin with each stretch that is written, so that ``synchronize()`` does not have all of a
  /// large file before it, nor whoever else waits for the disk then.
  private func flush(behind end: Int64, from start: Int64) {
    let first = start - start % Self.stretch
    let last = end - end % Self.stretch
    guard last > first else { return }
    // Linux begins to write what is dirty there before it looks for what it can forget. It only makes
    // sooner what happens anyway.
    _ = posix_fadvise(descriptor, off_t(first), off_t(last - first), POSIX_FADV_DONTNEED)
  }

  /// Reads so many bytes, fewer only at the end of the file.
  func read(at offset: Int64, count: Int) throws(FileError) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: count)
    var fault: FileError?
    while buffer.readableBytes < count, fault == nil {
      let place = off_t(offset) + off_t(buffer.readableBytes)
      let left = count - buffer.readableBytes
      let done = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: left) { room in
        let done = pread(descriptor, room.baseAddress, left, place)
        if done < 0, errno != EINTR { fault = .last("read") }
        return max(0, done)
      }
      if done == 0 { break }
    }
    if let fault { throw fault }
    return buffer
  }

  /// Waits until all that was written is on the disk.
  func synchronize() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw .last("fsync") }
  }
}
