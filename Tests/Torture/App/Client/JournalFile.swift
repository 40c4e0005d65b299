import Glibc
import TortureCore

/// A journal on disk: what was appended is there when ``append(_:)`` returns, come what may.
final class JournalFile {
  private let file: Int32

  /// Opens a journal, or makes one. A line that was being written when an earlier process was killed is
  /// cut off.
  static func open(_ path: String) throws -> (file: JournalFile, journal: Journal) {
    let file = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemFailure("open \(path)") }
    let bytes = try readAll(path)
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    guard ftruncate(file, whole) == 0 else { throw SystemFailure("truncate \(path)") }
    let journal = try Journal(
      name: path, contents: String(decoding: bytes.prefix(whole), as: UTF8.self))
    return (JournalFile(file), journal)
  }

  private init(_ file: Int32) {
    self.file = file
  }

  deinit { close(file) }

  func append(_ entries: [JournalEntry]) throws {
    guard !entries.isEmpty else { return }
    let bytes = entries.flatMap { Array(($0.line + "\n").utf8) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw SystemFailure("write a journal") }
      written += count
    }
    guard fdatasync(file) == 0 else { throw SystemFailure("sync a journal") }
  }
}

/// The whole of a file.
func readAll(_ path: String) throws -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw SystemFailure("open \(path)") }
  defer { close(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(file, &buffer, buffer.count)
    guard count >= 0 else { throw SystemFailure("read \(path)") }
    if count == 0 { return bytes }
    bytes += buffer.prefix(count)
  }
}
