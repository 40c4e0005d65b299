import MartletProtocol
import ServerCore
import TestSupport
import Testing

@testable import ServerApp

/// Search over real PostgreSQL, against looking at everything.
@Suite struct SearchStoreTests {
  private static let alphabet: [String] = [
    "a", "A", "b", "Ｂ", "c", "e\u{301}", "é", "É", "ﬁ", "fi", "İ", "i", "ẞ", "ß", "½", "㍿", "㍐",
    "会", "议", "議", "天", "가", "\u{1100}\u{1161}", "ㄱㅏ", "ｶﾞ", "ガ", "Σ", "ς", "σ", "🙂",
    "👩‍👩‍👧", "🇨🇳", "%", "_", "\\", "'", " ", "J\u{30C}", "ǰ", "q\u{307}\u{323}", "ﷺ", "\u{AD}",
  ]

  private func text(_ generator: inout SeededGenerator, _ length: ClosedRange<Int>) -> String {
    (0..<Int.random(in: length, using: &generator))
      .compactMap { _ in Self.alphabet.randomElement(using: &generator) }.joined()
  }

  @Test(arguments: [UInt64(1), 2])
  func everyHitIsFoundWhateverIsIndexed(_ seed: UInt64) async throws {
    try await TestDatabase.with { database in
      var generator = SeededGenerator(seed: seed)
      let (alice, _, conversation) = try await database.pair()
      let texts = (0..<700).map { _ in "." + text(&generator, 0...12) }
      try await database.write(texts, by: alice, in: conversation)
      let folded = try await database.store.folded(texts)
      let queries = (0..<60).map { _ in text(&generator, 1...3) } + ["%", "_", "\\", "."]
      let foldedQueries = try await database.store.folded(queries)
      for blocks in [Int64(0), 2, 5] {
        // Of an indexer that was stopped midway, the rest is not there.
        if blocks > 0 { try await database.index(conversation, blocks: 5) }
        if blocks == 2 {
          try database.execute(
            "DELETE FROM search_signatures WHERE first_block >= 2; UPDATE search_progress SET blocks = 2"
          )
        }
        for (query, wanted) in zip(queries, foldedQueries) {
          let needle = Array(wanted.unicodeScalars)
          let expected = folded.indices.reversed().filter { index in
            Array(folded[index].unicodeScalars).contains(needle)
          }
          let hits = try await database.hits(query, in: conversation, by: alice, limit: 50)
          #expect(
            hits.map(\.message.sequence.rawValue) == expected.map { Int64($0) + 1 },
            "\(query) with \(blocks) blocks")
          #expect(
            hits.allSatisfy { $0.message.text == texts[Int($0.message.sequence.rawValue) - 1] })
          for hit in hits {
            let length = hit.message.text.unicodeScalars.count
            #expect(!hit.ranges.isEmpty)
            var end = 0
            for range in hit.ranges {
              #expect(range.start >= end && range.length > 0)
              end = range.start + range.length
            }
            #expect(end <= length)
          }
        }
      }
    }
  }

  /// Folding that changes the number of characters, and where the query then stands.
  @Test(arguments: [
    ("fi", "oﬁce", [[1, 1]]), ("i", "xİ", [[1, 1]]), ("株式", "a㍿b", [[1, 1]]),
    ("1", "z½", [[1, 1]]), ("한", "a\u{1112}\u{1161}\u{11AB}b", [[1, 3]]),
    ("é", "xe\u{301}y", [[1, 2]]), ("abc", "xＡＢＣ", [[1, 3]]), ("ß", "xẞ", [[1, 1]]),
    ("ＡＢ", "ab Ab", [[0, 2], [3, 2]]), ("가", "xㄱㅏ", [[1, 2]]), ("b", "ﬁab", [[2, 1]]),
    ("🙂", "a🙂🙂", [[1, 1], [2, 1]]), ("ガ", "ｶﾞ", [[0, 2]]),
  ])
  func rangesAreOfTheTextAsWritten(
    _ query: String, _ text: String, _ ranges: [[Int]]
  ) async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write(text, by: alice, in: conversation)
      let hits = try await database.hits(query, in: conversation, by: alice)
      #expect(hits.map { $0.ranges.map { [$0.start, $0.length] } } == [ranges])
    }
  }

  /// The quick way of folding gives what the plain one does.
  @Test func foldingIsWhatItWas() async throws {
    try await TestDatabase.with { database in
      let isSame = try database.holds(
        """
        NOT EXISTS (
          SELECT FROM generate_series(1, 1114111) AS code
          CROSS JOIN LATERAL (SELECT chr(code) || U&'\\030C' AS word) AS made
          WHERE code NOT BETWEEN 55296 AND 57343 AND fold(word) IS DISTINCT FROM
            normalize(lower(normalize(word, NFKC) COLLATE "und-x-icu"), NFKC))
        """)
      #expect(isSame)
    }
  }

  @Test func conversationsComeByTheirLastMessage() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, first) = try await database.pair()
      let carol = try await database.user("carol")
      let second = try await database.conversation(alice, carol)
      let foreign = try await database.conversation(bob, carol)
      for (id, text) in [(first, "hit 1"), (second, "hit 2"), (foreign, "hit 3"), (first, "no")] {
        try await database.write(text, by: carol, in: id)
        // Times are of milliseconds.
        try database.execute("UPDATE messages SET sent_at = sent_at - interval '1 second'")
      }
      let reply = try await database.chat().search(
        SearchEverywhere(query: "HIT", limit: 5), as: database.signedIn(alice))
      #expect(reply.groups.map(\.conversation) == [first, second])
      #expect(reply.groups.map(\.members) == [[alice, bob], [alice, carol]])
      #expect(reply.groups.map(\.count) == [1, 1])
      #expect(reply.next == nil)
    }
  }
}
