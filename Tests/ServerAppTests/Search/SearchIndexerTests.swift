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
        connectionString: database.connectionString, logger: .silent)
      for message in try await database.write(texts(300), by: alice, in: conversation) {
        indexer.stored(message.sequence, in: conversation)
      }
      try await database.indexed(conversation, blocks: 2)
      await indexer.close()
      #expect(
        try database.holds("(SELECT array_agg(block ORDER BY block) FROM search_blocks) = '{0,1}'"))
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
        DELETE FROM search_blocks WHERE conversation_id = \(conversation) AND block = 2;
        UPDATE search_progress SET blocks = 2 WHERE conversation_id = \(conversation)
        """)
      try await database.index(conversation, blocks: 3)
      #expect(try database.holds("(SELECT count(*) FROM search_blocks) = 6"))
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
      #expect(try database.holds("(SELECT count(*) FROM search_blocks) = 15"))
    }
  }

  @Test func moreConversationsThanItRemembersAreIndexed() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let indexer = SearchIndexer(
        connectionString: database.connectionString, maximumWaiting: 1, logger: .silent)
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
        "ALTER TABLE search_blocks ADD CONSTRAINT broken CHECK (conversation_id <> \(first))")
      try await database.index(second, blocks: 1)
      try database.execute("ALTER TABLE search_blocks DROP CONSTRAINT broken")
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
      #expect(try database.holds("NOT EXISTS (SELECT FROM search_blocks)"))
      #expect(
        try database.holds(
          "EXISTS (SELECT FROM pending_rewrites WHERE part::text LIKE 'search_blocks_%')"))
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
      #expect(try database.holds("NOT EXISTS (SELECT FROM search_blocks)"))
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
          INSERT INTO search_blocks VALUES (\(conversation), 0, '{1,2,3}');
          UPDATE search_progress SET blocks = 1 WHERE conversation_id = \(conversation);
          """)
      let statement = clear(conversation)
      async let cleared: Void = database.execute(statement)
      try await database.somebodyWaitsForALock()
      try indexing.execute(sql: "COMMIT")
      try await cleared
      #expect(try database.holds("NOT EXISTS (SELECT FROM search_blocks)"))
    }
  }
}
