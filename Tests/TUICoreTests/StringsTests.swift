import FoundationEssentials
import Testing

@testable import TUICore

/// Every word in every language: what the compiler, which rejects a missing one, cannot see. The tables
/// are read as they are written, so that texts with placeholders are looked at too, in all their forms.
@Suite struct StringsTests {
  private let english = Self.table("english")
  private let chinese = Self.table("chinese")

  @Test func bothTablesHaveTheSameEntries() {
    #expect(english.count > 150)
    #expect(Set(english.keys) == Set(chinese.keys))
  }

  @Test func noneIsEmpty() {
    for (name, entry) in english.merging(chinese, uniquingKeysWith: +) {
      #expect(entry.contains("\""), "\(name)")
      #expect(!Self.words(entry).isEmpty || Self.placeholders(entry).count > 1, "\(name): \(entry)")
    }
  }

  @Test func everythingIsTranslated() {
    for (name, entry) in chinese {
      let hasHan = entry.unicodeScalars.contains { $0.properties.isIdeographic }
      #expect(hasHan, "\(name) has no Chinese in it: \(entry)")
    }
  }

  @Test func noEnglishIsLeftInChinese() {
    for (name, entry) in chinese {
      let left = Self.words(entry).flatMap { $0.split { !($0.isASCII && $0.isLetter) } }
        .filter { $0.count > 1 && !Self.keptInChinese.contains($0.lowercased()) }
      #expect(left.isEmpty, "\(name): \(left) in \(entry)")
    }
  }

  @Test func placeholdersAreTheSameInBoth() {
    for (name, entry) in english {
      #expect(Self.placeholders(entry) == Self.placeholders(chinese[name] ?? ""), "\(name)")
    }
  }

  /// What stays as it is: names, units, keys, and what is typed.
  private static let keptInChinese = Set([
    "martlet", "kib", "mb", "enter", "esc", "alt", "tab", "end", "pgup", "pgdn", "shell", "fg",
    "yes", "no", "tls", "wss",
    "all", "kb", "gb", "b", "png", "jpg", "jpeg", "gif", "webp", "bmp", "mp", "wav", "ogg", "opus",
    "flac", "chafa", "xdg", "utils",
  ]).union(SlashCommand.allCases.flatMap { $0.name.split(separator: "-").map(String.init) })

  /// The entries of a language's tables by name, each as it stands in the source.
  private static func table(_ language: String) -> [String: String] {
    var table = entries(in: "Strings+\(language)")
    // Those hold the other tables.
    table["files"] = nil
    table["trust"] = nil
    return table.merging(entries(in: "FileStrings+\(language)")) { _, file in file }
      .merging(entries(in: "TrustStrings+\(language)")) { _, trust in trust }
  }

  private static func entries(in name: String) -> [String: String] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/TUI/Core/Strings/\(name).swift")
    // Without the table every test here fails.
    let source = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    var table: [String: String] = [:]
    var name = ""
    for line in source.split(separator: "\n") {
      let indent = line.prefix { $0 == " " }.count
      if indent == 4, let colon = line.firstIndex(of: ":"),
        line[..<colon].dropFirst(4).allSatisfy({ $0.isLetter })
      {
        name = String(line[..<colon].dropFirst(4))
        table[name] = String(line[line.index(after: colon)...])
      } else if indent > 4, !name.isEmpty {
        table[name, default: ""] += line
      }
    }
    return table
  }

  /// What stands between quotes, without interpolations.
  private static func words(_ entry: String) -> [String] {
    var words: [String] = []
    var current: String?
    var depth = 0
    var previous: Character = " "
    for character in entry {
      if depth > 0 {
        depth += character == "(" ? 1 : character == ")" ? -1 : 0
      } else if character == "(", previous == "\\" {
        depth = 1
        current?.removeLast()
      } else if character == "\"", previous != "\\" {
        if let text = current { words.append(text) }
        current = current == nil ? "" : nil
      } else {
        current?.append(character)
      }
      previous = character
    }
    return words.filter { !$0.allSatisfy(\.isWhitespace) }
  }

  private static func placeholders(_ entry: String) -> Set<String> {
    Set(["$0", "$1", "$2", "$3"].filter { entry.contains($0) })
  }
}
