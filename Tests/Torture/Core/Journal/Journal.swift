/// What one client wrote down, from its first process to its last.
public struct Journal: Sendable {
  /// The client's name.
  public let name: String
  /// In the order of its lines; the first is line 1.
  public let entries: [JournalEntry]

  public init(name: String, entries: [JournalEntry]) {
    self.name = name
    self.entries = entries
  }

  /// A journal that holds a line that is none, which nobody but a broken disk or a broken program
  /// writes.
  public struct Damage: Error, CustomStringConvertible {
    public let description: String
  }

  /// Reads a journal. A last line without an end was being written when its process was killed: it
  /// never counted, and is left out.
  ///
  /// - Throws: ``Damage``.
  public init(name: String, contents: String) throws(Damage) {
    var lines = contents.split(separator: "\n", omittingEmptySubsequences: false)
    lines.removeLast()
    var entries: [JournalEntry] = []
    entries.reserveCapacity(lines.count)
    for (index, line) in lines.enumerated() {
      guard let entry = JournalEntry(line: line) else {
        throw Damage(description: "\(name):\(index + 1) is no entry of a journal")
      }
      entries.append(entry)
    }
    self.init(name: name, entries: entries)
  }
}
