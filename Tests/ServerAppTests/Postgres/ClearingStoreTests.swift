import MartletProtocol
import ServerCore
import TestSupport
import Testing

@testable import ServerApp

@Suite struct ClearingStoreTests {
  private func summary(
    of conversation: ConversationID, for user: UserID, in database: TestDatabase
  ) async throws -> ConversationSummary? {
    try await database.store.contacts(of: user, after: UserID(0), limit: 9)
      .compactMap(\.conversation).first { $0.id == conversation }
  }

  private func texts(
    _ conversation: ConversationID, in database: TestDatabase
  ) async throws -> [String] {
    try await database.store.history(
      of: conversation, anchor: .latest, limit: 200, maximumBytes: 100_000
    ).messages.map(\.text)
  }

  @Test func everythingIsGoneAndRead() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let carol = try await database.user("carol")
      let other = try await database.conversation(alice, carol)
      try await database.write(["1", "2", "3"], by: alice, in: conversation)
      try await database.write("kept", by: carol, in: other)
      #expect(try await database.store.clear(conversation) == MessageSequence(3))
      #expect(try await texts(conversation, in: database).isEmpty)
      #expect(try await texts(other, in: database) == ["kept"])
      for user in [alice, bob] {
        #expect(
          try await summary(of: conversation, for: user, in: database)
            == ConversationSummary(
              id: conversation, members: [alice, bob], lastSequence: MessageSequence(3),
              clearedSequence: MessageSequence(3), readSequence: MessageSequence(3), unread: 0,
              lastMessage: nil))
      }
      // Another conversation's marks stay.
      #expect(try await summary(of: other, for: alice, in: database)?.unread == 1)
    }
  }

  @Test func placesGoOnBehindWhatIsGone() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write(["1", "2"], by: alice, in: conversation)
      _ = try await database.store.clear(conversation)
      let next = try await database.write("3", by: bob, in: conversation)
      #expect(next.sequence == MessageSequence(3))
      #expect(try await texts(conversation, in: database) == ["3"])
      let seen = try await summary(of: conversation, for: alice, in: database)
      #expect(seen?.unread == 1)
      #expect(seen?.lastMessage?.text == "3")
      #expect(seen?.clearedSequence == MessageSequence(2))
    }
  }

  @Test func clearingTwiceOrWhatIsEmptyIsNoError() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      #expect(try await database.store.clear(conversation) == MessageSequence.none)
      try await database.write("1", by: alice, in: conversation)
      for _ in 1...2 {
        #expect(try await database.store.clear(conversation) == MessageSequence(1))
      }
      // What was empty asks for no rewrite.
      #expect(try database.holds("(SELECT sum(requests) FROM pending_rewrites) = 1"))
      #expect(try await database.store.clear(ConversationID(4711)) == nil)
    }
  }

  @Test func aResendOfWhatIsGoneAnswersTheOldPlaceAndStoresNothing() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let message = NewMessage(
        conversation: conversation, sender: alice, key: .fresh(), text: "once")
      let first = try await database.writer.store(message)
      _ = try await database.store.clear(conversation)
      let again = try await withCheckedThrowingContinuation { continuation in
        database.writer.submit(message) { continuation.resume(with: $0) }
      }
      #expect(
        again
          == StoredMessage(
            conversation: conversation, sequence: first.sequence, sentAt: first.sentAt,
            message: nil))
      #expect(try await texts(conversation, in: database).isEmpty)
    }
  }

  @Test func partsAreNotedWhereSomethingWas() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write("1", by: alice, in: conversation)
      let part = """
        (SELECT tableoid::regclass FROM messages WHERE conversation_id = \(conversation))
        """
      try database.execute("CREATE TABLE expected AS SELECT \(part) AS part")
      _ = try await database.store.clear(conversation)
      #expect(
        try database.holds(
          """
          (SELECT array_agg(part) FROM pending_rewrites) = (SELECT array_agg(part) FROM expected)
          """))
      try database.execute("DROP TABLE expected")
    }
  }

  // MARK: Attachments

  /// Gives a message an attachment, which is made if it is not there.
  private func attach(
    _ id: AttachmentID, to message: Message, in database: TestDatabase
  ) throws {
    try database.execute(
      """
      INSERT INTO attachments (id, owner_id, name, size, media_type)
      VALUES ('\(id)', \(message.sender), 'cat.png', 1, 'image/png') ON CONFLICT DO NOTHING;
      UPDATE messages SET attachment_id = '\(id)'
      WHERE conversation_id = \(message.conversation) AND sequence = \(message.sequence);
      """)
  }

  @Test func attachmentsGoUnlessAnotherMessageCarriesThem() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let other = try await database.conversation(alice, try await database.user("carol"))
      let (only, shared) = (AttachmentID(high: 1, low: 1), AttachmentID(high: 2, low: 2))
      let messages = try await database.write(["a", "b", "c"], by: alice, in: conversation)
      let elsewhere = try await database.write("d", by: alice, in: other)
      try attach(only, to: messages[0], in: database)
      // Twice in the same conversation is no other.
      try attach(only, to: messages[1], in: database)
      try attach(shared, to: messages[2], in: database)
      try attach(shared, to: elsewhere, in: database)
      _ = try await database.store.clear(conversation)
      #expect(try database.holds("(SELECT array_agg(id) FROM attachments) = '{\(shared)}'"))
      #expect(
        try database.holds("(SELECT array_agg(attachment_id) FROM doomed_files) = '{\(only)}'"))
      #expect(
        try database.holds(
          "EXISTS (SELECT FROM pending_rewrites WHERE part = 'attachments'::regclass)"))
      _ = try await database.store.clear(other)
      #expect(try database.holds("NOT EXISTS (SELECT FROM attachments)"))
      #expect(try database.holds("(SELECT count(*) FROM doomed_files) = 2"))
    }
  }

  @Test func anAttachmentThatIsBeingSentElsewhereStays() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let other = try await database.conversation(alice, try await database.user("carol"))
      let id = AttachmentID(high: 1, low: 1)
      let message = try await database.write("a", by: alice, in: conversation)
      let elsewhere = try await database.write("b", by: alice, in: other)
      try attach(id, to: message, in: database)
      let sender = try database.connection()
      try sender.execute(
        sql: """
          BEGIN;
          UPDATE messages SET attachment_id = '\(id)' WHERE conversation_id = \(elsewhere.conversation)
          """)
      let clearing = Task { try await database.store.clear(conversation) }
      try await database.somebodyWaitsForALock()
      try sender.execute(sql: "COMMIT")
      #expect(try await clearing.value == MessageSequence(1))
      #expect(try database.holds("(SELECT array_agg(id) FROM attachments) = '{\(id)}'"))
      #expect(try database.holds("NOT EXISTS (SELECT FROM doomed_files)"))
    }
  }

  // MARK: Races

  @Test func messagesSentMeanwhileAreGoneOrBehind() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let hers = Task {
        try await database.write((1...300).map { "a\($0)" }, by: alice, in: conversation)
      }
      let his = Task {
        var messages: [Message] = []
        for number in 1...100 {
          messages.append(try await database.write("b\(number)", by: bob, in: conversation))
        }
        return messages
      }
      var cleared: [MessageSequence] = []
      for _ in 1...10 {
        if let sequence = try await database.store.clear(conversation) { cleared.append(sequence) }
      }
      let stored = try await hers.value + his.value
      #expect(cleared == cleared.sorted())
      #expect(stored.map(\.sequence.rawValue).sorted() == Array(1...400))
      let last = try #require(cleared.last)
      let page = try await database.store.history(
        of: conversation, anchor: .after(.none), limit: 500, maximumBytes: 1_000_000)
      #expect(
        page.messages
          == stored.filter { $0.sequence > last }.sorted { $0.sequence < $1.sequence })
      #expect(try database.holds("(SELECT count(*) FROM message_keys) = 400"))
    }
  }

  @Test func aClearWaitsForTheMessageBeingStoredAndTakesIt() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write("1", by: alice, in: conversation)
      let sender = try database.connection()
      try sender.execute(
        sql: """
          BEGIN;
          UPDATE conversations SET last_sequence = 2 WHERE id = \(conversation);
          INSERT INTO messages VALUES (\(conversation), 2, \(alice), gen_random_uuid(), now(), '2')
          """)
      let clearing = Task { try await database.store.clear(conversation) }
      try await database.somebodyWaitsForALock()
      try sender.execute(sql: "COMMIT")
      #expect(try await clearing.value == MessageSequence(2))
      #expect(try await texts(conversation, in: database).isEmpty)
    }
  }

  @Test func killedInTheMiddleItHasDoneNothing() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      try await database.write(["1", "2"], by: alice, in: conversation)
      // Its last statement waits for this one.
      let blocker = try database.connection()
      try blocker.execute(sql: "BEGIN; SELECT FROM members FOR UPDATE")
      let clearing = Task { try await database.store.clear(conversation) }
      // It is tried once more.
      for _ in 1...2 {
        try await database.somebodyWaitsForALock()
        try database.execute(
          """
          SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'
          """)
      }
      let error = await #expect(throws: StoreError.self) { try await clearing.value }
      guard case .unavailable? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(try await texts(conversation, in: database) == ["1", "2"])
      #expect(try database.holds("(SELECT max(cleared_sequence) FROM conversations) = 0"))
      #expect(try database.holds("NOT EXISTS (SELECT FROM pending_rewrites)"))
      try blocker.execute(sql: "ROLLBACK")
      #expect(try await database.store.clear(conversation) == MessageSequence(2))
    }
  }

  // MARK: Who was away

  @Test func whoeverHoldsWhatWasClearedIsBehind() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write(["1", "2", "3"], by: bob, in: conversation)
      _ = try await database.store.clear(conversation)
      for held in [Int64(0), 2, 3] {
        let behind = try await behind(held, in: conversation, of: alice, database)
        #expect(behind.map(\.clearedSequence) == [MessageSequence(3)])
      }
      try await database.write("4", by: bob, in: conversation)
      #expect(try await behind(3, in: conversation, of: alice, database).map(\.unread) == [1])
      // Who holds what came after knows.
      #expect(try await behind(4, in: conversation, of: alice, database).isEmpty)
    }
  }

  private func behind(
    _ held: Int64, in conversation: ConversationID, of user: UserID, _ database: TestDatabase
  ) async throws -> [ConversationSummary] {
    let cursor = Resume.Cursor(conversation: conversation, sequence: MessageSequence(held))
    return try await database.store.conversations(of: user, notAt: [cursor], limit: 9)
  }
}
