import FoundationEssentials
import Glibc

/// Looks for bytes in files.
enum FileSearch {
  /// Which of some texts are in files below a directory, but for those in directories of a name.
  static func found(
    _ texts: [String], below directory: String, except excluded: String
  ) throws -> Set<String> {
    var found: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      let path = "\(directory)/\(name)"
      switch kind(of: path) {
      case S_IFDIR where name != excluded:
        found.formUnion(try Self.found(texts, below: path, except: excluded))
      case S_IFREG:
        // One that is gone again was a temporary one.
        guard let content = FileManager.default.contents(atPath: path) else { continue }
        for text in texts where contains(content, Array(text.utf8)) { found.insert(text) }
      default: break
      }
    }
    return found
  }

  private static func kind(of path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  private static func contains(_ content: Data, _ needle: [UInt8]) -> Bool {
    content.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, let first = needle.first else { return false }
      var from = 0
      while from + needle.count <= bytes.count,
        let hit = memchr(start + from, Int32(first), bytes.count - from - needle.count + 1)
      {
        if memcmp(hit, needle, needle.count) == 0 { return true }
        from = start.distance(to: UnsafeRawPointer(hit)) + 1
      }
      return false
    }
  }
}
