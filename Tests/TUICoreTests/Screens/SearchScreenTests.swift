import MartletProtocol
import Testing

@testable import TUICore

/// Whole screens of search, clearing, devices and finding people.
@Suite struct SearchScreenTests {
  static let cases = ScreenTests.sizes.flatMap { size in
    Language.allCases.map { (size.0, size.1, $0) }
  }

  static func name(_ what: String, _ columns: Int, _ language: Language) -> String {
    "\(what)-\(language == .chinese ? "chinese-" : "")\(columns)"
  }

  @Test(arguments: cases) func searchLine(columns: Int, rows: Int, language: Language) throws {
    var client = ScreenTests.conversation(columns, rows, language: language)
    client.press(.character("f"), .control)
    client.type("会议 room")
    try expectGolden(client.canvas, Self.name("search-line", columns, language))
  }

  @Test(arguments: cases) func hits(columns: Int, rows: Int, language: Language) throws {
    try expectGolden(
      Self.hits(columns, rows, language).canvas, Self.name("hits", columns, language))
  }

  @Test(arguments: cases) func nothingFound(columns: Int, rows: Int, language: Language) throws {
    var client = SearchTests.searching(columns, rows, query: "缺席", language: language)
    client.apply(
      .hitsLoaded(SearchTests.page("缺席"), .init(hits: [], count: 0, exact: true, next: nil)))
    try expectGolden(client.canvas, Self.name("nothing-found", columns, language))
  }

  @Test(arguments: cases) func hitInContext(columns: Int, rows: Int, language: Language) throws {
    var client = Self.hits(columns, rows, language)
    client.press(.character("n"))
    client.press(.enter)
    try expectGolden(client.canvas, Self.name("hit-in-context", columns, language))
  }

  @Test func hitInContextWithoutColour() throws {
    var client = Self.hits(80, 24, .english, usesColour: false)
    client.press(.enter)
    try expectGolden(client.canvas, "hit-in-context-plain-80")
  }

  @Test(arguments: cases) func everywhere(columns: Int, rows: Int, language: Language) throws {
    var client = SearchTests.everywhere(columns, rows, language: language)
    client.press(.down)
    try expectGolden(client.canvas, Self.name("everywhere", columns, language))
  }

  @Test(arguments: cases) func clearing(columns: Int, rows: Int, language: Language) throws {
    var client = ScreenTests.conversation(columns, rows, language: language)
    client.press(.character("c"), .control)
    client.type("/clear-history")
    client.press(.enter)
    client.type("ye")
    try expectGolden(client.canvas, Self.name("clearing", columns, language))
  }

  @Test(arguments: cases) func sessions(columns: Int, rows: Int, language: Language) throws {
    var client = SessionsTests.listed(columns, rows, language: language)
    client.press(.down)
    client.press(.character("d"))
    try expectGolden(client.canvas, Self.name("sessions", columns, language))
  }

  @Test(arguments: cases) func password(columns: Int, rows: Int, language: Language) throws {
    var client = ScreenTests.conversation(columns, rows, language: language)
    client.press(.character("c"), .control)
    client.type("/passwd")
    client.press(.enter)
    client.type("old secret")
    client.press(.tab)
    client.type("short")
    client.press(.enter)
    client.type("short")
    client.press(.enter)
    try expectGolden(client.canvas, Self.name("password", columns, language))
  }

  @Test(arguments: cases) func filter(columns: Int, rows: Int, language: Language) throws {
    var client = ScreenTests.conversation(columns, rows, language: language)
    client.press(.escape)
    client.type("o")
    try expectGolden(client.canvas, Self.name("filter", columns, language))
  }

  @Test(arguments: ScreenTests.sizes) func helpWhileSearching(columns: Int, rows: Int) throws {
    var client = Self.hits(columns, rows, .english)
    client.press(.function(1))
    try expectGolden(client.canvas, "help-hits-\(columns)")
  }

  /// The conversation of the other screens, searched for a letter, in Chinese for a word.
  private static func hits(
    _ columns: Int, _ rows: Int, _ language: Language, usesColour: Bool = true
  ) -> Client {
    var client = ScreenTests.conversation(columns, rows, language: language, usesColour: usesColour)
    client.press(.character("f"), .control)
    let query = language == .chinese ? "会议" : "e"
    client.type(query)
    client.press(.enter)
    let all = [
      SearchHit(
        message: Client.message(
          5, from: Client.leilei, "👨‍👩‍👧 🇨🇳 ❤️ café e\u{301}", at: "2026-11-23T09:50:00.000Z"),
        ranges: [TextRange(start: 17, length: 1)]),
      SearchHit(
        message: Client.message(
          4, from: Client.alice,
          "I will bring the quarterly numbers and a printed agenda; see you at three.",
          at: "2026-11-23T09:43:00.000Z"),
        ranges: [(15, 1), (31, 1), (46, 1), (51, 1), (58, 2), (71, 2)].map {
          TextRange(start: $0.0, length: $0.1)
        }),
      SearchHit(
        message: Client.message(
          2, from: Client.leilei, "早上好！今天的会议改到下午三点了，请大家准时参加，不要迟到。谢谢（真的）！"),
        ranges: [TextRange(start: 7, length: 2)]),
    ]
    let hits = all.filter { $0.message.text.contains(query) }
    client.apply(
      .hitsLoaded(
        HitsPage(target: .conversation(ConversationID(7)), query: query),
        .init(hits: hits, count: hits.count, exact: true, next: nil)))
    return client
  }
}
