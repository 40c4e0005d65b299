import MartletProtocol
import ServerCore
import TestSupport

@testable import ServerApp

/// A database of one test's own and the stores over it.
struct TestDatabase: Sendable {
  let connectionString: String
  let store: PostgresStore
  let writer: PostgresMessageWriter

  init(_ connectionString: String) {
    self.connectionString = connectionString
    store = PostgresStore(
      pool: PostgresPool(connectionString: connectionString, size: 4, logger: .silent))
    writer = PostgresMessageWriter(connectionString: connectionString, logger: .silent)
  }

  /// Runs a test over a fresh database with the schema.
  static func with<Value>(_ body: (TestDatabase) async throws -> Value) async throws -> Value {
    try await SharedCluster.instance.withDatabase { connectionString in
      let database = TestDatabase(connectionString)
      do {
        let value = try await body(database)
        await database.close()
        return value
      } catch {
        await database.close()
        throw error
      }
    }
  }

  func close() async {
    await writer.close()
    await store.pool.close()
  }

  /// A connection beside the stores'.
  func connection() throws -> PostgresConnection { try PostgresConnection(connectionString) }

  func execute(_ sql: String) throws { try connection().execute(sql: sql) }

  /// Whether a condition of SQL holds.
  func holds(_ condition: String) throws -> Bool {
    do {
      try execute("SELECT 1 / (CASE WHEN \(condition) THEN 1 ELSE 0 END)")
      return true
    } catch let error as PostgresError where error.kind == .other(sqlState: "22012") {
      return false
    }
  }

  /// Returns once somebody in this database waits for a lock.
  func somebodyWaitsForALock() async throws {
    try await somebody(waitsFor: "wait_event_type = 'Lock'")
  }

  /// Waits until a connection of this database waits as a condition on `pg_stat_activity` says.
  func somebody(waitsFor condition: String) async throws {
    try await eventually("somebody to wait: \(condition)") {
      try holds(
        """
        EXISTS (SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND \(condition))
        """) ? true : nil
    }
  }

  func user(_ name: String) async throws -> UserID {
    let created = try await store.createAccount(name: name, passwordHash: "hash", invite: nil)
    guard case .created(let user) = created else {
      throw Failure("there is a \(name) already")
    }
    return user.id
  }

  /// A session of a user made by ``user(_:)``.
  @discardableResult
  func session(
    of user: UserID, _ tokenHash: [UInt8], device: String = ""
  ) async throws -> SessionID {
    let session = try await store.createSession(
      user: user, passwordHash: "hash", tokenHash: tokenHash, device: device)
    guard let session else { throw Failure("the password is another") }
    return session
  }

  func conversation(_ first: UserID, _ second: UserID) async throws -> ConversationID {
    guard let opened = try await store.openDirectConversation(of: first, and: second) else {
      throw Failure("no such users")
    }
    return opened.id
  }

  /// Two users and their conversation.
  func pair() async throws -> (alice: UserID, bob: UserID, conversation: ConversationID) {
    let (alice, bob) = (try await user("alice"), try await user("bob"))
    return (alice, bob, try await conversation(alice, bob))
  }

  /// Stores a message and waits for it.
  @discardableResult
  func write(
    _ text: String, by sender: UserID, in conversation: ConversationID,
    key: IdempotencyKey = .fresh()
  ) async throws -> Message {
    try await writer.store(
      NewMessage(conversation: conversation, sender: sender, key: key, text: text))
  }

  /// Stores many messages and waits for all of them.
  @discardableResult
  func write(
    _ texts: [String], by sender: UserID, in conversation: ConversationID
  ) async throws -> [Message] {
    try await writer.store(
      texts.map {
        NewMessage(conversation: conversation, sender: sender, key: .fresh(), text: $0)
      })
  }
}

extension PostgresMessageWriter {
  func store(_ message: NewMessage) async throws -> Message {
    let stored = try await withCheckedThrowingContinuation { continuation in
      submit(message) { continuation.resume(with: $0) }
    }
    return try stored.live()
  }

  /// Submits messages in order, and gives their places in the order of completion.
  func store(_ messages: [NewMessage]) async throws -> [Message] {
    let outcomes = Inbox<Result<StoredMessage, StoreError>>()
    for message in messages { submit(message) { outcomes.append($0) } }
    var stored: [Message] = []
    for _ in messages {
      guard let outcome = try await outcomes.next() else { break }
      stored.append(try outcome.get().live())
    }
    return stored
  }
}

extension StoredMessage {
  /// The message, which must not have been cleared.
  func live() throws -> Message {
    guard let message else { throw Failure("message \(sequence) was cleared") }
    return message
  }
}

extension IdempotencyKey {
  static func fresh() -> IdempotencyKey { IdempotencyKey(at: .now) }
}
