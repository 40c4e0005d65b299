import MartletProtocol
import ServerCore
import Synchronization
import TestSupport
import Testing

@testable import ServerApp

@Suite struct PostgresMessageWriterTests {
  @Test func aMessageIsStoredAsItWasSent() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let key = IdempotencyKey.fresh()
      let stored = try await database.write(
        "早上好\n\t👍 \\ \" '", by: alice, in: conversation, key: key)
      #expect(
        stored
          == Message(
            conversation: conversation, sequence: MessageSequence(1), sender: alice,
            sentAt: stored.sentAt, key: key, text: "早上好\n\t👍 \\ \" '"))
      let page = try await database.store.history(
        of: conversation, anchor: .latest, limit: 1, maximumBytes: 1000)
      #expect(page.messages == [stored])
    }
  }

  @Test func sequencesAreGapFreeAndInTheOrderOfEachSubmitter() async throws {
    try await TestDatabase.with { database in
      let (alice, conversations) = try await database.conversations(4)
      let stored = try await withThrowingTaskGroup { group in
        for submitter in 0..<8 {
          group.addTask {
            try await database.write(
              (0..<50).map { "\(submitter) \($0)" }, by: alice,
              in: conversations[submitter % conversations.count])
          }
        }
        return try await group.reduce(into: [[Message]]()) { $0.append($1) }
      }
      for messages in stored {
        #expect(messages.map(\.sequence) == messages.map(\.sequence).sorted())
      }
      for conversation in conversations {
        let sequences = stored.joined().filter { $0.conversation == conversation }
          .map(\.sequence.rawValue)
        #expect(sequences.sorted() == Array(1...100))
      }
    }
  }

  @Test func completionsComeInTheOrderOfSubmission() async throws {
    try await TestDatabase.with { database in
      let (alice, conversations) = try await database.conversations(3)
      let messages = (0..<450).map { number in
        NewMessage(
          conversation: conversations[number % 3], sender: alice, key: .fresh(), text: "\(number)")
      }
      let completed = try await database.writer.store(messages)
      #expect(completed.map(\.key) == messages.map(\.key))
    }
  }

  @Test func batchesLargerThanATransactionStayInOrder() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let gate = try await WriterGate(database, alice, conversation)
      let rest = Task {
        try await database.write((2...451).map(String.init), by: alice, in: conversation)
      }
      try await gate.open()
      let stored = try await rest.value
      #expect(stored.map(\.text) == stored.map(\.sequence.description))
      #expect(stored.count == 450)
    }
  }

  @Test func timesNeverGoBackAsSequencesGoOn() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let stored = try await database.write(
        (1...400).map(String.init), by: alice, in: conversation)
      #expect(stored.map(\.sentAt) == stored.map(\.sentAt).sorted())
    }
  }

  // MARK: Keys

  @Test func aKeySentAgainGetsItsFirstPlace() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let key = IdempotencyKey.fresh()
      let first = try await database.write("first", by: alice, in: conversation, key: key)
      let again = try await database.write("again", by: alice, in: conversation, key: key)
      #expect(again == first)
      let next = try await database.write("next", by: alice, in: conversation)
      #expect(next.sequence == first.sequence.next)
    }
  }

  @Test func aKeyTwiceInOneBatchGetsOnePlace() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let gate = try await WriterGate(database, alice, conversation)
      let key = IdempotencyKey.fresh()
      let messages = ["one", "two", "three"].map { text in
        NewMessage(
          conversation: conversation, sender: alice, key: text == "two" ? .fresh() : key,
          text: text)
      }
      let rest = Task { try await database.writer.store(messages) }
      try await gate.open()
      #expect(try await rest.value.map(\.text) == ["one", "two", "one"])
      #expect(try await rest.value.map(\.sequence.rawValue) == [2, 3, 2])
    }
  }

  @Test func aKeyOfAnotherConversationNamesTheMessageThere() async throws {
    try await TestDatabase.with { database in
      let (alice, conversations) = try await database.conversations(2)
      let key = IdempotencyKey.fresh()
      let first = try await database.write("first", by: alice, in: conversations[0], key: key)
      let again = try await database.write("again", by: alice, in: conversations[1], key: key)
      #expect(again == first)
    }
  }

  @Test func keysOfDifferentSendersDoNotMeet() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let key = IdempotencyKey.fresh()
      let first = try await database.write("hers", by: alice, in: conversation, key: key)
      let second = try await database.write("his", by: bob, in: conversation, key: key)
      #expect([first.text, second.text] == ["hers", "his"])
      #expect(second.sequence == first.sequence.next)
    }
  }

  @Test func twoNodesStoreTheSameKeysOnce() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let messages = (1...500).map { number in
        NewMessage(
          conversation: conversation, sender: alice, key: .fresh(), text: "\(number)")
      }
      let other = PostgresMessageWriter(
        connectionString: database.connectionString, logger: .silent)
      async let theirs = other.store(messages)
      let ours = try await database.writer.store(messages)
      #expect(try await theirs == ours)
      #expect(ours.map(\.sequence.rawValue).sorted() == Array(1...500))
      await other.close()
    }
  }

  @Test func twoNodesInTheSameConversationsDoNotCollide() async throws {
    try await TestDatabase.with { database in
      let (alice, conversations) = try await database.conversations(5)
      let other = PostgresMessageWriter(
        connectionString: database.connectionString, logger: .silent)
      func messages(_ order: [ConversationID]) -> [NewMessage] {
        (0..<300).map { number in
          NewMessage(
            conversation: order[number % order.count], sender: alice, key: .fresh(),
            text: "\(number)")
        }
      }
      async let theirs = other.store(messages(conversations.reversed()))
      let ours = try await database.writer.store(messages(conversations))
      let stored = try await theirs + ours
      for conversation in conversations {
        let sequences = stored.filter { $0.conversation == conversation }.map(\.sequence.rawValue)
        #expect(sequences.sorted() == Array(1...120))
      }
      await other.close()
    }
  }

  // MARK: What is locked

  @Test(arguments: Holdup.allCases)
  func nobodyWaitsForAnotherConversationsLock(holdup: Holdup) async throws {
    try await TestDatabase.with { database in
      let (alice, conversations) = try await database.conversations(2)
      try await database.write("known", by: alice, in: conversations[0])
      let lock = try database.connection()
      try lock.execute(sql: "BEGIN; \(holdup.statement(for: conversations[0]))")
      let outcomes = Inbox<Result<StoredMessage, StoreError>>()
      for (index, text) in [(0, "held"), (1, "free"), (0, "held too")] {
        database.writer.submit(
          NewMessage(conversation: conversations[index], sender: alice, key: .fresh(), text: text)
        ) { outcomes.append($0) }
      }
      #expect(try await outcomes.next()?.get().live().text == "free")
      try lock.execute(sql: "ROLLBACK")
      #expect(try await outcomes.next()?.get().live().text == "held")
      let last = try #require(try await outcomes.next()).get().live()
      #expect(last.text == "held too")
      #expect(last.sequence == MessageSequence(3))
    }
  }

  @Test func aMessageSentAgainWaitsForNoOtherPart() async throws {
    try await TestDatabase.with { database in
      let (alice, conversations) = try await database.conversations(2)
      try await database.write("elsewhere", by: alice, in: conversations[0])
      let key = IdempotencyKey.fresh()
      let first = try await database.write("first", by: alice, in: conversations[1], key: key)
      let lock = try database.connection()
      try lock.execute(
        sql: "BEGIN; \(Holdup.part.statement(for: conversations[0]))")
      #expect(
        try await database.write("first", by: alice, in: conversations[1], key: key) == first)
      try lock.execute(sql: "ROLLBACK")
    }
  }

  @Test func closingWaitsForNobodysLock() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let lock = try database.connection()
      try lock.execute(sql: "BEGIN; \(Holdup.row.statement(for: conversation))")
      let outcomes = Inbox<Result<StoredMessage, StoreError>>()
      database.writer.submit(
        NewMessage(conversation: conversation, sender: alice, key: .fresh(), text: "held")
      ) { outcomes.append($0) }
      try await database.somebodyWaitsForALock()
      await database.writer.close()
      guard case .failure(.unavailable)? = try await outcomes.next() else {
        Issue.record("the message that was held is not refused")
        return
      }
      try lock.execute(sql: "ROLLBACK")
    }
  }

  // MARK: What cannot be stored

  @Test func nobodysMessageFailsBecauseOfAnothers() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let gate = try await WriterGate(database, alice, conversation)
      let outcomes = Inbox<Result<StoredMessage, StoreError>>()
      for (target, text) in [
        (conversation, "hi"), (ConversationID(4711), "hi"), (conversation, "hi"),
        // No text of the database has it.
        (conversation, "\0"), (conversation, "hi"),
      ] {
        database.writer.submit(
          NewMessage(conversation: target, sender: alice, key: .fresh(), text: text)
        ) { outcomes.append($0) }
      }
      try await gate.open()
      var places: [Int64?] = []
      for _ in 1...5 { places.append(try await outcomes.next()?.place) }
      #expect(places == [2, nil, 3, nil, 4])
    }
  }

  @Test func aFullQueueRefusesAndForgetsNothing() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let writer = PostgresMessageWriter(
        connectionString: database.connectionString, maximumQueued: 2, logger: .silent)
      let gate = try await WriterGate(database, alice, conversation, writer: writer)
      let outcomes = Inbox<Result<StoredMessage, StoreError>>()
      for _ in 1...3 {
        writer.submit(
          NewMessage(conversation: conversation, sender: alice, key: .fresh(), text: "hi")
        ) { outcomes.append($0) }
      }
      // The third is refused while the others wait.
      guard case .failure(.overloaded)? = try await outcomes.next() else {
        Issue.record("the third message was not refused")
        return
      }
      try await gate.open()
      #expect(try await outcomes.next()?.place == 2)
      #expect(try await outcomes.next()?.place == 3)
      await writer.close()
    }
  }

  @Test func closingCommitsEverythingSubmitted() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let outcomes = Inbox<Result<StoredMessage, StoreError>>()
      for number in 1...1000 {
        database.writer.submit(
          NewMessage(conversation: conversation, sender: alice, key: .fresh(), text: "\(number)")
        ) { outcomes.append($0) }
      }
      await database.writer.close()
      #expect(outcomes.count == 1000)
      for number in 1...1000 {
        #expect(try await outcomes.next()?.place == Int64(number))
      }
    }
  }

  @Test func aClosedWriterRefuses() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      await database.writer.close()
      let error = await #expect(throws: StoreError.self) {
        try await database.write("hi", by: alice, in: conversation)
      }
      guard case .unavailable = error else {
        Issue.record("not unavailable: \(String(describing: error))")
        return
      }
    }
  }
}

/// Stops a writer in the middle of a transaction, so that a test decides what the next batch holds.
private struct WriterGate {
  private let lock: PostgresConnection
  private let first: Task<Message, any Error>

  /// Has the writer store one message, which waits for a lock that the gate has.
  init(
    _ database: TestDatabase, _ sender: UserID, _ conversation: ConversationID,
    writer: PostgresMessageWriter? = nil
  ) async throws {
    lock = try database.connection()
    try lock.execute(sql: "BEGIN; SELECT FROM conversations WHERE id = \(conversation) FOR UPDATE")
    let writer = writer ?? database.writer
    first = Task {
      try await writer.store(
        NewMessage(conversation: conversation, sender: sender, key: .fresh(), text: "first"))
    }
    try await database.somebodyWaitsForALock()
  }

  /// Lets the writer go on.
  func open() async throws {
    try lock.execute(sql: "ROLLBACK")
    _ = try await first.value
  }
}

/// What others lock of a conversation.
enum Holdup: CaseIterable {
  /// The conversation's row, as a clearing does.
  case row
  /// The part of `messages` that the conversation is in, as a rewriting does.
  case part

  fileprivate func statement(for conversation: ConversationID) -> String {
    switch self {
    case .row: "SELECT FROM conversations WHERE id = \(conversation) FOR UPDATE"
    case .part:
      """
      DO $$ BEGIN
        EXECUTE 'LOCK TABLE ' || (SELECT DISTINCT tableoid::regclass
          FROM messages WHERE conversation_id = \(conversation)) || ' IN ACCESS EXCLUSIVE MODE';
      END $$
      """
    }
  }
}

extension Result<StoredMessage, StoreError> {
  fileprivate var place: Int64? {
    switch self {
    case .success(let message): message.sequence.rawValue
    case .failure: nil
    }
  }
}

extension TestDatabase {
  /// One user and some conversations of hers.
  fileprivate func conversations(_ count: Int) async throws -> (UserID, [ConversationID]) {
    let alice = try await user("alice")
    var conversations: [ConversationID] = []
    for number in 1...count {
      conversations.append(try await conversation(alice, try await user("user\(number)")))
    }
    return (alice, conversations)
  }
}
