import Glibc

@testable import TUIApp

extension TemporaryDirectory {
  /// The files in which a text stands, whatever SQLite thinks of the place.
  func files(holding text: String) throws -> [String] {
    let wanted = Array(text.utf8)
    return try names().filter { name in
      guard let bytes = try PrivateFile.read("\(path)/\(name)") else { return false }
      guard let first = wanted.first, bytes.count >= wanted.count else { return false }
      return bytes.indices.dropLast(wanted.count - 1).contains { start in
        bytes[start] == first && bytes[start..<start + wanted.count].elementsEqual(wanted)
      }
    }
  }

  /// What a client killed at this moment would leave behind, in a directory of its own.
  func snapshot() throws -> TemporaryDirectory {
    let copy = try TemporaryDirectory()
    for name in names() {
      guard let bytes = try PrivateFile.read("\(path)/\(name)") else { continue }
      try PrivateFile.write(bytes, to: "\(copy.path)/\(name)")
    }
    return copy
  }
}
