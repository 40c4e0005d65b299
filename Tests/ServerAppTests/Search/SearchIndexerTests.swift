import MartletProtocol
import ServerCore
import TestSupport
import Testing

@testable import ServerApp

@Suite struct SearchIndexerTests {
  private func texts(_ count: Int) -> [String] { (1...count).map { "会议 number \($0)" } }

  @Test func aBlockIsIndexedWhenItIsWhole() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let indexer = SearchIndexer(
        connectionString: database.connectionString, patience: .zero, logger: .silent)
      for message in try await database.write(texts(300), by: alice, in: conversation) {
        indexer.stored(message.sequence, in: conversation)
      }
      try await database.indexed(conversation, blocks: 2)
      await indexer.close()
      #expect(
        try database.holds(
          "(SELECT array_agg(first_block ORDER BY first_block) FROM search_signatures) = '{0,1}'"))
    }
  }

  @Test func blocksAreAwaitedAsLongAsTheyMayMakeASignatureTogether() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let other = try await database.conversation(bob, try await database.user("carol"))
      // Nobody waits for an hour: the first blocks are not indexed before the eighth is there.
      let patient = SearchIndexer(
        connectionString: database.connectionString, patience: .seconds(3600), logger: .silent)
      for message in try await database.write(texts(1030), by: alice, in: conversation) {
        patient.stored(message.sequence, in: conversation)
      }
      try await database.indexed(conversation, blocks: 8)
      await patient.close()
      let sizes = try database.connection().execute(ListSignatureSizes())
      #expect(sizes == [8])
      // One that has rested is indexed without.
      let hasty = SearchIndexer(
        connectionString: database.connectionString, patience: .milliseconds(1), logger: .silent)
      for message in try await database.write(texts(300), by: bob, in: other) {
        hasty.stored(message.sequence, in: other)
      }
      try await database.indexed(other, blocks: 2)
      await hasty.close()
    }
  }

  @Test func whatACrashLeftIsFoundAtTheStart() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let other = try await database.conversation(bob, try await database.user("carol"))
      for id in [conversation, other] {
        try await database.write(texts(400), by: bob, in: id)
      }
      try await database.index(other, blocks: 3)
      try await database.indexed(conversation, blocks: 3)
      try database.execute(
        """
        DELETE FROM search_signatures WHERE conversation_id = \(conversation) AND first_block = 2;
        UPDATE search_progress SET blocks = 2 WHERE conversation_id = \(conversation)
        """)
      try await database.index(conversation, blocks: 3)
      #expect(try database.holds("(SELECT count(*) FROM search_signatures) = 6"))
      #expect(try await database.hits("number 300", in: conversation, by: alice).count == 1)
    }
  }

  @Test func severalNodesIndexEachBlockOnce() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write(texts(2000), by: alice, in: conversation)
      let indexers = (1...3).map { _ in
        SearchIndexer(connectionString: database.connectionString, logger: .silent)
      }
      for indexer in indexers { indexer.wake() }
      try await database.indexed(conversation, blocks: 15)
      for indexer in indexers { await indexer.close() }
      #expect(
        try database.holds(
          "(SELECT array_agg(first_block || ' ' || blocks ORDER BY first_block) FROM search_signatures) = '{0 8,8 1,9 1,10 1,11 1,12 1,13 1,14 1}'"
        ))
    }
  }

  /// However the blocks came to be whole, one by one or many at once.
  @Test func signaturesGrowTogether() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      // Places are what counts, and a message in some blocks is enough to be found.
      let connection = try database.connection()
      let words = [3: "first", 8 * 128: "second", 70 * 128 + 5: "third", 511 * 128 + 128: "fourth"]
      for (place, word) in words {
        try connection.execute(
          sql: """
            INSERT INTO messages (conversation_id, sequence, sender_id, key, sent_at, body)
            VALUES (\(conversation), \(place), \(alice), gen_random_uuid(), now(), '\(word)')
            """)
      }
      var sizes: [String] = []
      for blocks in [1, 9, 16, 63, 64, 73, 511, 512, 513] {
        try connection.execute(
          sql: "UPDATE conversations SET last_sequence = \(blocks * 128) WHERE id = \(conversation)"
        )
        try await database.index(conversation, blocks: Int64(blocks))
        for (place, word) in words where place <= blocks * 128 {
          let hits = try await database.hits(word, in: conversation, by: alice)
          #expect(hits.map(\.message.sequence.rawValue) == [Int64(place)])
        }
        sizes.append(
          try connection.execute(ListSignatureSizes()).map(String.init).joined(separator: " "))
      }
      #expect(
        sizes == [
          "1", "8 1", "8 8", "8 8 8 8 8 8 8 1 1 1 1 1 1 1", "64", "64 8 1",
          "64 64 64 64 64 64 64 8 8 8 8 8 8 8 1 1 1 1 1 1 1", "512", "512 1",
        ])
    }
  }

  private struct ListSignatureSizes: PostgresStatement {
    static let sql = "SELECT blocks::bigint FROM search_signatures ORDER BY first_block"
    var binds: [PostgresBind] { [] }
    static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Int64 { try row.int8() }
  }

  @Test func moreConversationsThanItRemembersAreIndexed() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let indexer = SearchIndexer(
        connectionString: database.connectionString, maximumWaiting: 1, patience: .zero,
        logger: .silent)
      // Holds it up at its first conversation.
      var ids: [ConversationID] = []
      for number in 1...4 {
        ids.append(
          try await database.conversation(alice, try await database.user("user\(number)")))
      }
      let blocker = try database.connection()
      try blocker.execute(sql: "BEGIN; SELECT FROM search_progress FOR UPDATE")
      for id in ids {
        for message in try await database.write(texts(128), by: alice, in: id) {
          indexer.stored(message.sequence, in: id)
        }
      }
      try blocker.execute(sql: "COMMIT")
      for id in ids { try await database.indexed(id, blocks: 1) }
      await indexer.close()
    }
  }

  @Test func aConversationThatCannotBeIndexedHoldsNoOtherUp() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, first) = try await database.pair()
      let second = try await database.conversation(bob, try await database.user("carol"))
      for id in [first, second] { try await database.write(texts(130), by: bob, in: id) }
      try database.execute(
        "ALTER TABLE search_signatures ADD CONSTRAINT broken CHECK (conversation_id <> \(first))")
      try await database.index(second, blocks: 1)
      try database.execute("ALTER TABLE search_signatures DROP CONSTRAINT broken")
      #expect(try await database.hits("number 7", in: first, by: alice).count == 11)
      try await database.index(first, blocks: 1)
    }
  }

  private func clear(_ conversation: ConversationID) -> String {
    """
    UPDATE conversations SET cleared_sequence = last_sequence WHERE id = \(conversation);
    DELETE FROM messages WHERE conversation_id = \(conversation);
    """
  }

  @Test func aClearingRemovesTheBlocksAndNamesTheirTable() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write(texts(300), by: alice, in: conversation)
      try await database.index(conversation, blocks: 2)
      try database.execute(clear(conversation))
      #expect(try database.holds("NOT EXISTS (SELECT FROM search_signatures)"))
      #expect(
        try database.holds(
          "EXISTS (SELECT FROM pending_rewrites WHERE part::text LIKE 'search_signatures_%')"))
      #expect(try await database.hits("会议", in: conversation, by: alice).isEmpty)
      // And what follows is indexed and found again.
      try await database.write(texts(200), by: alice, in: conversation)
      try await database.index(conversation, blocks: 3)
      #expect(try await database.hits("会议", in: conversation, by: alice, limit: 200).count == 200)
    }
  }

  @Test func anIndexerThatWaitsForAClearingAddsNothingOfIt() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write(texts(300), by: alice, in: conversation)
      let clearing = try database.connection()
      try clearing.execute(sql: "BEGIN; " + clear(conversation))
      let indexer = SearchIndexer(
        connectionString: database.connectionString, logger: .silent)
      indexer.wake()
      try await database.somebodyWaitsForALock()
      try clearing.execute(sql: "COMMIT")
      await indexer.close()
      #expect(try database.holds("NOT EXISTS (SELECT FROM search_signatures)"))
    }
  }

  @Test func aClearingWaitsForTheBlockUnderWayAndRemovesIt() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write(texts(300), by: alice, in: conversation)
      let indexing = try database.connection()
      try indexing.execute(
        sql: """
          BEGIN;
          SELECT FROM search_progress WHERE conversation_id = \(conversation) FOR UPDATE;
          INSERT INTO search_signatures VALUES (\(conversation), 0, 1, 'abc');
          UPDATE search_progress SET blocks = 1 WHERE conversation_id = \(conversation);
          """)
      let statement = clear(conversation)
      async let cleared: Void = database.execute(statement)
      try await database.somebodyWaitsForALock()
      try indexing.execute(sql: "COMMIT")
      try await cleared
      #expect(try database.holds("NOT EXISTS (SELECT FROM search_signatures)"))
    }
  }
}
