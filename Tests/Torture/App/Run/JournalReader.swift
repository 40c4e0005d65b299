import Glibc
import TortureCore

/// Reads a journal while it is being written, and says where its client is.
struct JournalReader {
  private let path: String
  private var offset = 0
  private(set) var participant = Participant(window: 1)

  init(_ path: String) {
    self.path = path
  }

  /// Reads what has been added.
  mutating func read() throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    // Its client has not begun yet.
    guard file >= 0 else { return }
    defer { close(file) }
    guard lseek(file, offset, SEEK_SET) == offset else { throw SystemFailure("seek in \(path)") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
    }
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return }
    offset += end + 1
    for line in String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n") {
      if let entry = JournalEntry(line: line) { participant.replay(entry) }
    }
  }
}
