import Glibc
import MartletMedia
import MartletProtocol
import TUICore

/// A file that came from a server, before a program of this machine is given it.
///
/// What a message says of it is the server's word. So its bytes are looked at here, too: one that is
/// something else than it should be, or a picture that would unfold to more than memory holds, is handed
/// to nobody.
struct FetchedFile: RandomAccessBytes {
  let count: Int64
  private let descriptor: Int32

  /// Finds out whether a file is, from its first byte to its last, of a format.
  ///
  /// - Throws: `MediaFault` when it is not, or ``SystemError``. It reads all of the file.
  static func check(_ path: String, as format: AttachmentFormat) throws {
    let descriptor = try SystemError.check("open") {
      open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    }
    defer { close(descriptor) }
    var status = stat()
    try SystemError.check("fstat") { fstat(descriptor, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SystemError(call: "open", code: EINVAL)
    }
    _ = try MediaInspector.inspect(
      FetchedFile(count: Int64(status.st_size), descriptor: descriptor), as: format)
  }

  func read(at offset: Int64, count: Int) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    let got = try SystemError.check("pread") { pread(descriptor, &buffer, count, off_t(offset)) }
    return Array(buffer[..<got])
  }
}
