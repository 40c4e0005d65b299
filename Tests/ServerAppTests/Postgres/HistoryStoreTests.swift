import MartletProtocol
import ServerCore
import Testing

@testable import ServerApp

@Suite struct HistoryStoreTests {
  private typealias Case = (HistoryAnchor, limit: Int, places: [Int64], more: Bool)

  /// Ten messages, and every way to ask for some of them.
  private static let cases: [Case] = [
    (.latest, 3, [8, 9, 10], true),
    (.latest, 10, Array(1...10), false),
    (.latest, 200, Array(1...10), false),
    (.before(at(4)), 2, [2, 3], true),
    (.before(at(4)), 3, [1, 2, 3], false),
    (.before(at(1)), 5, [], false),
    (.before(at(0)), 5, [], false),
    (.before(at(.min)), 5, [], false),
    (.before(at(.max)), 1, [10], true),
    (.after(at(8)), 5, [9, 10], false),
    (.after(at(7)), 2, [8, 9], true),
    (.after(at(0)), 3, [1, 2, 3], true),
    (.after(at(-5)), 1, [1], true),
    (.after(at(.min)), 1, [1], true),
    (.after(at(10)), 5, [], false),
    (.after(at(.max)), 5, [], false),
    (.around(at(5)), 1, [5], true),
    (.around(at(5)), 4, [4, 5, 6, 7], true),
    (.around(at(5)), 5, [3, 4, 5, 6, 7], true),
    (.around(at(1)), 4, [1, 2, 3], false),
    (.around(at(2)), 4, [1, 2, 3, 4], false),
    (.around(at(10)), 4, [9, 10], true),
    (.around(at(.max)), 4, [9, 10], true),
    (.around(at(.min)), 4, [1, 2], false),
    (.around(at(5)), 200, Array(1...10), false),
  ]

  private static func at(_ sequence: Int64) -> MessageSequence { MessageSequence(sequence) }

  @Test func everyStretch() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write((1...10).map { "text \($0)" }, by: alice, in: conversation)
      for (anchor, limit, places, more) in Self.cases {
        let page = try await database.store.history(
          of: conversation, anchor: anchor, limit: limit, maximumBytes: 100_000)
        #expect(page.messages.map(\.sequence.rawValue) == places, "\(anchor), \(limit)")
        #expect(page.messages.map(\.text) == places.map { "text \($0)" }, "\(anchor), \(limit)")
        #expect(page.more == more, "\(anchor), \(limit)")
      }
    }
  }

  @Test(arguments: [
    (HistoryAnchor.latest, [Int64](9...10), true), (.before(MessageSequence(10)), [8, 9], true),
    (.after(MessageSequence(5)), [6, 7], true), (.around(MessageSequence(5)), [5, 6], true),
  ])
  func textsTogetherStayWithinTheBound(
    _ anchor: HistoryAnchor, places: [Int64], more: Bool
  ) async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      // 300 bytes each.
      let text = String(repeating: "长", count: 100)
      try await database.write([String](repeating: text, count: 10), by: alice, in: conversation)
      let page = try await database.store.history(
        of: conversation, anchor: anchor, limit: 10, maximumBytes: 899)
      #expect(page.messages.map(\.sequence.rawValue) == places)
      #expect(page.more == more)
    }
  }

  @Test func oneTextComesHoweverLong() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write(["long text", "long text"], by: alice, in: conversation)
      let page = try await database.store.history(
        of: conversation, anchor: .latest, limit: 10, maximumBytes: 1)
      #expect(page.messages.map(\.sequence) == [MessageSequence(2)])
      #expect(page.more)
    }
  }

  @Test func aPageTellsHowFarEverybodyHasRead() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write(["1", "2"], by: alice, in: conversation)
      _ = try await database.store.markRead(conversation, by: bob, upTo: MessageSequence(1))
      let page = try await database.store.history(
        of: conversation, anchor: .latest, limit: 1, maximumBytes: 1000)
      #expect(
        page.reads == [
          ReadMark(user: alice, sequence: .none),
          ReadMark(user: bob, sequence: MessageSequence(1)),
        ])
    }
  }

  @Test func anEmptyConversationHasNoHistory() async throws {
    try await TestDatabase.with { database in
      let conversation = try await database.pair().conversation
      for anchor in [HistoryAnchor.latest, .after(.none), .around(MessageSequence(1))] {
        let page = try await database.store.history(
          of: conversation, anchor: anchor, limit: 10, maximumBytes: 1000)
        #expect(page.messages.isEmpty)
        #expect(!page.more)
      }
    }
  }
}
