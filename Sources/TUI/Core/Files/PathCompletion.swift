import MartletProtocol

/// What a directory holds, as far as completion wants to know.
public struct DirectoryEntry: Hashable, Sendable {
  /// Its name, without directories.
  public var name: String
  /// Whether it is a directory, or a link to one.
  public var isDirectory: Bool

  public init(name: String, isDirectory: Bool) {
    self.name = name
    self.isDirectory = isDirectory
  }
}

/// The completion of a path that is being typed: which directory to look into, and what to make of
/// what is there. It looks nowhere itself.
struct PathCompletion: Hashable, Sendable {
  /// The most candidates that are offered.
  static let maximumCandidates = 200

  /// The directory to list, as typed: relative, absolute or below `~`; empty for the working
  /// directory.
  let directory: String
  /// What its entries' names have to begin with.
  let start: String
  /// The quote that the text begins with, if any.
  private let quote: Character?

  /// - Parameter text: what has been typed of the path so far.
  init(_ text: some StringProtocol) {
    let body = Substring(text).drop(while: \.isWhitespace)
    let quote = body.first.flatMap { $0 == "'" || $0 == "\"" ? $0 : nil }
    self.quote = quote
    var path = ""
    var isEscaped = false
    for character in quote == nil ? body : body.dropFirst() {
      if character == "\\", !isEscaped, quote != "'" {
        isEscaped = true
        continue
      }
      path.append(character)
      isEscaped = false
    }
    if path == "~" {
      directory = "~/"
      start = ""
      return
    }
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    directory = String(path[..<slash])
    start = String(path[slash...])
  }

  /// What may stand in the text's place: directories and files that may be sent, in order; hidden ones
  /// only when the name begins with a dot.
  func candidates(among entries: [DirectoryEntry]) -> [String] {
    matches(among: entries).map { entry in
      let path = directory + entry.name
      guard let quote else {
        return PathText.escaped(path) + (entry.isDirectory ? "/" : "")
      }
      return "\(quote)\(path)" + (entry.isDirectory ? "/" : String(quote))
    }
  }

  /// The text up to where the candidates part; `nil` when that is no more than has been typed.
  func commonStart(among entries: [DirectoryEntry]) -> String? {
    let names = matches(among: entries).map(\.name)
    guard let first = names.first, names.count > 1 else { return nil }
    var common = Substring(first)
    for name in names {
      while !name.hasPrefix(common) { common.removeLast() }
    }
    guard common.count > start.count else { return nil }
    let path = directory + common
    return quote.map { "\($0)\(path)" } ?? PathText.escaped(path)
  }

  private func matches(among entries: [DirectoryEntry]) -> [DirectoryEntry] {
    let fitting = entries.filter { entry in
      entry.name.hasPrefix(start) && entry.name != "." && entry.name != ".."
        && (start.hasPrefix(".") || !entry.name.hasPrefix("."))
        && (entry.isDirectory || AttachmentFormat(fileName: entry.name) != nil)
        // A name that acts on the terminal, or ends the line, cannot be typed.
        && !entry.name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        && (quote.map { !entry.name.contains($0) } ?? true)
    }
    return Array(fitting.sorted { $0.name < $1.name }.prefix(Self.maximumCandidates))
  }
}
