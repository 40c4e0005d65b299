import Glibc
import Testing

@testable import TUIApp

/// A directory of a test's own, removed with it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    path = String(cString: made)
  }

  deinit { Self.remove(path) }

  func mode(of name: String) throws -> mode_t {
    var status = stat()
    try SystemError.check("lstat") { lstat("\(path)/\(name)", &status) }
    return status.st_mode & 0o7777
  }

  /// What is in it.
  func names() -> [String] { Self.entries(path).map(\.name) }

  private static func remove(_ path: String) {
    for (name, isDirectory) in entries(path) {
      // Links are removed, never followed: `rmdir` and `unlink` act on the entry itself.
      if isDirectory { remove("\(path)/\(name)") } else { unlink("\(path)/\(name)") }
    }
    rmdir(path)
  }

  private static func entries(_ path: String) -> [(name: String, isDirectory: Bool)] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var entries: [(name: String, isDirectory: Bool)] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name != ".", name != ".." else { continue }
      entries.append((name, entry.pointee.d_type == UInt8(DT_DIR)))
    }
    return entries
  }
}
