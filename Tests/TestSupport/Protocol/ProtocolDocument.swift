import FoundationEssentials

/// docs/protocol.md as the tests read it: its fenced blocks and the rows of its tables.
public struct ProtocolDocument {
  /// A fenced block.
  public struct Block: CustomStringConvertible, Sendable {
    /// The words after the opening fence, such as `json`, `request` and `session.login`.
    public let tags: [String]
    public let text: String
    /// Where the block begins, for failures.
    public let line: Int

    public var description: String { "docs/protocol.md:\(line): \(tags.joined(separator: " "))" }
  }

  public let blocks: [Block]
  private let lines: [Substring]

  public init() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../docs/protocol.md")
    let text = try String(contentsOf: path, encoding: .utf8)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var blocks: [Block] = []
    var open: (tags: [String], line: Int, text: [Substring])?
    for (index, line) in lines.enumerated() {
      if !line.hasPrefix("```") {
        open?.text.append(line)
      } else if let block = open {
        blocks.append(
          Block(tags: block.tags, text: block.text.joined(separator: "\n"), line: block.line))
        open = nil
      } else {
        open = (line.dropFirst(3).split(separator: " ").map(String.init), index + 1, [])
      }
    }
    self.blocks = blocks
  }

  /// The blocks tagged with a language and a kind, such as `json` and `request`.
  public func blocks(_ language: String, _ kind: String) -> [Block] {
    blocks.filter { $0.tags.starts(with: [language, kind]) }
  }

  /// The rows of the table whose header has these titles: their cells, without the header.
  public func table(_ titles: String...) -> [[String]] {
    let rows = lines.map { line in
      line.split(separator: "|").map { cell in
        String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    }
    guard let header = rows.firstIndex(of: titles) else { return [] }
    // The line after the header rules it off.
    return Array(rows[(header + 2)...].prefix { $0.count == titles.count })
  }

  /// The paragraphs that begin with some words, each as one line.
  public func paragraphs(startingWith words: String) -> [String] {
    lines.split(separator: "").map { $0.joined(separator: " ") }.filter { $0.hasPrefix(words) }
  }
}
