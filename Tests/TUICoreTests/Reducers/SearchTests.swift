import MartletProtocol
import Testing

@testable import TUICore

@Suite struct SearchTests {
  private static let conversation = Target.conversation(ConversationID(7))
  private static let leilei = Target.user(Client.leilei.id)

  /// Messages 900...1000 are held; the search for "message" has been asked for.
  static func searching(
    _ columns: Int = 80, _ rows: Int = 24, query: String = "message",
    language: Language = .english
  ) -> Client {
    var client = Client.chatting(
      columns, rows, messages: Client.messages(900...1000), more: true, language: language)
    client.press(.character("f"), .control)
    client.type(query)
    client.press(.enter)
    return client
  }

  static func page(_ query: String = "message", after: String? = nil) -> HitsPage {
    HitsPage(target: conversation, query: query, after: after)
  }

  static func hits(_ sequences: [Int64]) -> [SearchHit] {
    sequences.map {
      SearchHit(
        message: Client.messages($0...$0)[0], ranges: [TextRange(start: 0, length: 7)])
    }
  }

  /// Twelve hits, of which two are held.
  static func found(
    _ columns: Int = 80, _ rows: Int = 24, language: Language = .english
  ) -> Client {
    var client = searching(columns, rows, language: language)
    let sequences = [Int64(990), 950] + stride(from: 100, through: 10, by: -10)
    client.apply(
      .hitsLoaded(page(), .init(hits: hits(Array(sequences)), count: 12, exact: true, next: nil)))
    return client
  }

  @Test func enterRunsTheSearch() {
    let client = Self.searching()
    #expect(client.effects == [.search(Self.page(), limit: 50)])
    #expect(client.shows("searching…"))
  }

  @Test func theSlashCommandRunsItAtOnce() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("/search 会议 1")
    client.press(.enter)
    #expect(client.effects.contains(.search(Self.page("会议 1"), limit: 50)))
    client.press(.escape)
    client.type("/search")
    client.press(.enter)
    #expect(client.state.keyContext == .query)
  }

  @Test func theCountIsSaidInBothLanguages() {
    #expect(Self.found().shows("1/12  12 results"))
    #expect(Self.found(language: .chinese).shows("1/12  找到 12 条结果"))
  }

  @Test func nothingFoundIsSaidInBothLanguages() {
    for (language, words) in [
      (Language.english, "No message contains 'message'"), (.chinese, "未找到包含 'message' 的消息"),
    ] {
      var client = Self.searching(language: language)
      client.apply(.hitsLoaded(Self.page(), .init(hits: [], count: 0, exact: true, next: nil)))
      #expect(client.shows(words))
    }
  }

  @Test func anEmptyQueryIsNotSent() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.press(.character("f"), .control)
    #expect(client.press(.enter).isEmpty)
    #expect(client.shows("Type what to look for"))
    #expect(client.state.keyContext == .query)
  }

  @Test func nStepsToOlderHitsAndShiftNBack() {
    var client = Self.found()
    for key in [KeyEvent.Key.character("n"), .down] { client.press(key) }
    client.press(.character("n"), .control)
    #expect(client.shows("4/12"))
    for key in [KeyEvent.Key.character("N"), .up] { client.press(key) }
    #expect(client.shows("2/12"))
    client.press(.character("p"), .control)
    client.press(.up)
    #expect(client.shows("1/12"))
  }

  @Test func enterJumpsIntoTheContextOfAHitFarAway() {
    var client = Self.found()
    for _ in 1...2 { client.press(.character("n")) }
    client.press(.enter)
    let anchor = HistoryAnchor.around(MessageSequence(100))
    #expect(client.effects.contains(.loadHistory(Self.conversation, anchor, limit: 100)))
    client.apply(
      .historyLoaded(
        Self.conversation, anchor,
        .init(
          conversation: ConversationID(7), messages: Client.messages(50...150), more: true,
          reads: [])))
    #expect(client.shows("message 100"))
    #expect(client.shows("message 99"))
    #expect(client.shows("message 101"))
    #expect(client.shows("3/12"))
    // The next one lies in what is held.
    client.press(.character("n"))
    #expect(client.shows("message 90"))
    #expect(client.shows("4/12"))
  }

  @Test func theContextIsFilledBeforeItsEdgeIsSeen() {
    var client = Self.found()
    for _ in 1...2 { client.press(.character("n")) }
    client.press(.enter)
    client.apply(
      .historyLoaded(
        Self.conversation, .around(MessageSequence(100)),
        .init(
          conversation: ConversationID(7), messages: Client.messages(95...105), more: true,
          reads: [])))
    #expect(
      client.effects.contains(
        .loadHistory(Self.conversation, .after(MessageSequence(105)), limit: 100)))
  }

  @Test func escapeReturnsToExactlyWhereOneWas() {
    var client = Client.chatting(messages: Client.messages(900...1000), more: true)
    client.press(.pageUp)
    client.type("half a dra")
    let before = client.canvas
    client.press(.character("f"), .control)
    client.type("message")
    client.press(.enter)
    client.apply(
      .hitsLoaded(
        Self.page(), .init(hits: Self.hits([20]), count: 1, exact: true, next: nil)))
    client.press(.enter)
    client.apply(
      .historyLoaded(
        Self.conversation, .around(MessageSequence(20)),
        .init(
          conversation: ConversationID(7), messages: Client.messages(1...60), more: false,
          reads: [])))
    #expect(client.shows("message 20"))
    client.press(.escape)
    #expect(client.canvas == before)
    #expect(client.state.chat.editor.text == "half a dra")
  }

  @Test func pagesAreFetchedInTheBackgroundUntilTheCountIsExact() {
    var client = Self.searching()
    client.apply(
      .hitsLoaded(
        Self.page(),
        .init(
          hits: Self.hits(Array(stride(from: 1000, to: 950, by: -1))), count: 50, exact: false,
          next: "a")))
    #expect(client.shows("1/50+  50+ results"))
    #expect(client.effects.contains(.search(Self.page(after: "a"), limit: 50)))
    // A page without hits is no end.
    client.apply(
      .hitsLoaded(Self.page(after: "a"), .init(hits: [], count: 0, exact: false, next: "b")))
    #expect(client.effects.contains(.search(Self.page(after: "b"), limit: 50)))
    client.apply(
      .hitsLoaded(
        Self.page(after: "b"),
        .init(hits: Self.hits([30, 20]), count: 2, exact: true, next: "c")))
    #expect(client.shows("1/52  52 results"))
    #expect(client.effects.isEmpty)
    // Stepping fetches the rest.
    for _ in 1...40 { client.press(.down) }
    #expect(client.state.chat.search?.results?.request == Self.page(after: "c"))
  }

  @Test func aFailedRequestIsToldAndTriedAgain() {
    var client = Self.searching()
    client.apply(.hitsFailed(Self.page(), .refused(RPCError(.unavailable, "", retryAfter: 1000))))
    #expect(client.shows("The server cannot do that right now; try again"))
    client.apply(.timerFired(.retry))
    #expect(client.effects.contains(.search(Self.page(), limit: 50)))
    client.apply(.hitsFailed(Self.page(), .refused(RPCError(.invalidQuery, ""))))
    #expect(client.shows("try other words"))
  }

  @Test func aLostConnectionOnlyDelaysTheSearch() {
    var client = Self.searching()
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.hitsFailed(Self.page(), .connectionLost))
    #expect(client.shows("held here"), "what is held is searched meanwhile")
    client.apply(.connectionChanged(.connected))
    client.apply(.resumed(behind: []))
    #expect(client.effects.contains(.search(Self.page(), limit: 50)))
  }

  @Test func clearedWhileItIsSearchedNothingIsLeftOfTheHits() {
    var client = Self.found()
    client.press(.character("n"))
    client.press(.enter)
    #expect(client.state.chat.search?.stage == .context)
    client.apply(.historyCleared(ConversationID(7), through: MessageSequence(1000)))
    #expect(client.shows("No message contains"))
    client.press(.escape)
    #expect(client.shows("History cleared"))
  }

  @Test func partlyClearedTheNewerHitsStay() {
    var client = Self.found()
    client.apply(.historyCleared(ConversationID(7), through: MessageSequence(960)))
    #expect(client.shows("1/1  1 result"))
  }

  @Test func aHitThatIsGoneIsSaidToBe() {
    var client = Self.found()
    for _ in 1...2 { client.press(.character("n")) }
    client.press(.enter)
    client.apply(
      .historyLoaded(
        Self.conversation, .around(MessageSequence(100)),
        .init(conversation: ConversationID(7), messages: [], more: false, reads: [])))
    #expect(client.shows("That message is not there any more."))
    #expect(client.state.chat.search?.stage == .list)
  }

  @Test func whileOneSearchesNothingIsRead() {
    var client = Self.found()
    client.apply(.messageReceived(Client.message(1001, from: Client.leilei, "new")))
    #expect(!client.effects.contains(.markRead(ConversationID(7), MessageSequence(1001))))
    client.press(.escape)
    #expect(client.effects.contains(.markRead(ConversationID(7), MessageSequence(1001))))
  }

  @Test func anotherConversationEndsTheSearch() {
    var client = Self.found()
    client.press(.escape)
    client.press(.character("f"), .control)
    client.press(.escape)
    client.press(.character("n"), .control)
    #expect(client.state.chat.search == nil)
    #expect(client.state.chat.openContact == Client.bob.id)
  }

  @Test func aStaleReplyIsNotTaken() {
    var client = Self.searching()
    client.press(.character("f"), .control)
    client.type(" 9")
    client.press(.enter)
    client.apply(
      .hitsLoaded(
        Self.page(), .init(hits: Self.hits([20]), count: 1, exact: true, next: nil)))
    #expect(client.state.chat.search?.results?.hits.isEmpty == true)
  }

  // MARK: Everywhere

  static let groups: [SearchEverywhere.Group] = [
    .init(
      conversation: ConversationID(7), members: [Client.alice.id, Client.leilei.id], count: 12,
      exact: true, hits: hits([990, 950, 100])),
    .init(
      conversation: ConversationID(8), members: [Client.alice.id, Client.bob.id], count: 1,
      exact: true,
      hits: [
        SearchHit(
          message: Client.message(
            5, from: Client.bob, "Your message, 见附件", conversation: 8),
          ranges: [TextRange(start: 5, length: 7)])
      ]),
  ]

  static func everywhere(
    _ columns: Int = 80, _ rows: Int = 24, language: Language = .english
  ) -> Client {
    var client = Client.chatting(
      columns, rows, messages: Client.messages(900...1000), more: true, language: language)
    client.type("/search --all message")
    client.press(.enter)
    client.apply(.groupsLoaded(query: "message", after: nil, .init(groups: groups, next: nil)))
    return client
  }

  @Test func allConversationsAreSearched() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("/search --all 会议")
    client.press(.enter)
    #expect(client.effects.contains(.searchEverywhere(query: "会议", after: nil, limit: 3)))
    client.apply(.groupsLoaded(query: "会议", after: nil, .init(groups: [], next: "x")))
    #expect(client.effects.contains(.searchEverywhere(query: "会议", after: "x", limit: 3)))
    client.apply(.groupsLoaded(query: "会议", after: "x", .init(groups: [], next: nil)))
    #expect(client.shows("No message contains '会议'"))
  }

  @Test func aHitElsewhereOpensThatConversationAtTheHit() {
    var client = Self.everywhere()
    #expect(client.shows("13 results"))
    for _ in 1...5 { client.press(.down) }
    client.press(.enter)
    #expect(client.state.chat.openContact == Client.bob.id)
    #expect(client.state.chat.search?.stage == .context)
    let target = Target.conversation(ConversationID(8))
    #expect(
      client.effects.contains(.loadHistory(target, .around(MessageSequence(5)), limit: 100)))
    #expect(client.effects.contains(.search(HitsPage(target: target, query: "message"), limit: 50)))
  }

  @Test func aGroupOpensItsHits() {
    var client = Self.everywhere()
    client.press(.enter)
    #expect(client.state.chat.openContact == Client.leilei.id)
    #expect(client.state.chat.search?.stage == .list)
    #expect(client.effects.contains(.search(Self.page(), limit: 50)))
  }

  @Test func escapeClosesTheListOfAll() {
    var client = Self.everywhere()
    client.press(.escape)
    #expect(client.state.overlay == nil)
    #expect(client.state.chat.search == nil)
  }
}

@Suite struct ExcerptTests {
  private func excerpt(_ text: String, _ start: Int, _ length: Int) -> String {
    let runs = TextMetrics().excerpt(
      text, ranges: [TextRange(start: start, length: length)], width: 12, ellipsis: "…")
    let scalars = runs.flatMap(\.clusters).flatMap(\.glyphs).flatMap(\.scalars)
    return String(String.UnicodeScalarView(scalars))
  }

  @Test func theFirstPlaceIsInIt() {
    #expect(excerpt("今天下午开会", 2, 2) == "今天下午开会")
    #expect(excerpt("0123456789abcdef", 10, 2) == "…6789abcdef")
    let far = String(repeating: "长", count: 100_000)
    #expect(excerpt(far + "开会" + far, 100_000, 2).contains("开会"))
    #expect(excerpt("e\u{301}" + far + "会", 100_001, 1).hasSuffix("…") == false)
  }

  @Test func whatTheServerGetsWrongDoesNoHarm() {
    #expect(excerpt("abc", .max, .max).count <= 12)
    #expect(excerpt("abc", .min, .max) == "abc")
    #expect(excerpt("", 1, 1).isEmpty)
  }
}

@Suite struct HighlightTests {
  private func highlighted(_ text: String, _ ranges: [(Int, Int)]) -> String {
    let highlight = Highlight(text, ranges: ranges.map { TextRange(start: $0.0, length: $0.1) })
    return String(zip(text, highlight.flags).map { $1 ? $0 : "." })
  }

  @Test func scalarsAreMappedOntoCharacters() {
    #expect(highlighted("今天的会议", [(3, 2)]) == "...会议")
    // é of two scalars, a family of five, a flag of two.
    #expect(highlighted("e\u{301}x👨‍👩‍👧🇨🇳!", [(2, 1)]) == ".x...")
    #expect(highlighted("e\u{301}x👨‍👩‍👧🇨🇳!", [(4, 1)]) == "..👨‍👩‍👧..")
    #expect(highlighted("e\u{301}x👨‍👩‍👧🇨🇳!", [(1, 1), (8, 3)]) == "e\u{301}..🇨🇳!")
  }

  @Test func whatTheServerGetsWrongDoesNoHarm() {
    let ranges = [(-1, 5), (.max, .max), (1, .max), (0, 0), (.min, .max)]
    #expect(highlighted("abc", ranges) == ".bc")
    #expect(Highlight("", ranges: [TextRange(start: 0, length: 1)]).flags.isEmpty)
  }
}
