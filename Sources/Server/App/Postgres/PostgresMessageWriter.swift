import CoreMetrics
import Logging
import MartletProtocol
import NIOPosix
import ServerCore
import Synchronization

/// Makes messages durable with natural batching: while one commit is under way arrivals queue, and
/// the next transaction takes them all, up to ``batchSize``. A lone message is committed at once.
///
/// It waits for nobody: while a history is cleared, or a part of `messages` written anew, the messages
/// that belong there are put aside and tried again, and all others are stored.
final class PostgresMessageWriter: MessageWriter {
  /// Where more rows per commit stop paying: 200 rows reach 145,000 rows/s and 1,000 rows 155,000,
  /// at four times the latency.
  static let batchSize = 200

  /// How long a statement waits for what is locked. Everybody waits with it, so it is little more than
  /// another node's transaction takes.
  private static let lockTimeout = Duration.milliseconds(50)

  private typealias Submission = WriteQueue.Submission

  private struct State {
    var queue = WriteQueue()
    var isFlushing = false
    var isClosing = false
    var connection: PostgresConnection?
    /// Connecting is not tried again before then.
    var noConnectionUntil: ContinuousClock.Instant?
  }

  private let connectionString: String
  private let maximumQueued: Int
  private let stored: @Sendable (StoredMessage) -> Void
  private let state = Mutex(State())
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let logger: Logger

  /// - Parameters:
  ///   - maximumQueued: how many messages may wait; further ones are refused as overload.
  ///   - stored: hears of every message before its sender does, on the writer's thread, and returns
  ///     at once.
  init(
    connectionString: String, maximumQueued: Int = 10_000,
    stored: @escaping @Sendable (StoredMessage) -> Void = { _ in }, logger: Logger
  ) {
    self.stored = stored
    self.connectionString = connectionString
    self.maximumQueued = maximumQueued
    self.logger = logger
    thread.start()
  }

  /// How many messages wait.
  var queued: Int { state.withLock { $0.queue.count } }

  func submit(
    _ message: NewMessage,
    completion: @escaping @Sendable (Result<StoredMessage, StoreError>) -> Void
  ) {
    enum Verdict { case refused, queued, mustFlush }
    let verdict: Verdict = state.withLock { state in
      guard state.queue.count < maximumQueued else { return .refused }
      state.queue.append(Submission(message: message, completion: completion))
      guard !state.isFlushing else { return .queued }
      state.isFlushing = true
      return .mustFlush
    }
    switch verdict {
    case .refused: completion(.failure(.overloaded))
    case .queued: break
    case .mustFlush: thread.submit { [self] status in flush(isStopping: status == .cancelled) }
    }
  }

  /// Waits until everything submitted is committed, but for what somebody else has locked, which fails,
  /// and closes the connection. What is submitted from now on is refused.
  func close() async {
    state.withLock { $0.isClosing = true }
    // The thread takes its jobs in order: this one comes after the flush under way, which goes on
    // until the queue is empty.
    await withCheckedContinuation { continuation in
      thread.submit { _ in continuation.resume() }
    }
    do {
      try await thread.shutdownGracefully()
    } catch {
      logger.warning("the writer's thread did not stop", metadata: ["cause": "\(error)"])
    }
    state.withLock { $0.connection = nil }
  }

  private func flush(isStopping: Bool) {
    while let (ready, held) = nextBatches() {
      guard !isStopping else {
        for submission in ready + held { submission.completion(.failure(.unavailable)) }
        continue
      }
      settle(ready)
      if !held.isEmpty, settle(held) { state.withLock { $0.queue.release() } }
      #if DEBUG
        EarlyAnswers.commit(on: state.withLock { $0.connection })
      #endif
    }
  }

  private func nextBatches() -> (ready: [Submission], held: [Submission])? {
    state.withLock { state in
      let ready = state.queue.takeReady(atMost: Self.batchSize)
      let held = state.queue.takeHeld(atMost: Self.batchSize)
      state.isFlushing = !ready.isEmpty || !held.isEmpty
      return state.isFlushing ? (ready, held) : nil
    }
  }

  /// Stores a batch and says so. Returns false when something in it was locked, which is held.
  @discardableResult
  private func settle(_ batch: [Submission]) -> Bool {
    let mayHold = state.withLock { !$0.isClosing }
    var locked: [Submission] = []
    for (submission, outcome) in zip(batch, store(batch.map(\.message))) {
      if mayHold, case .failure(let error) = outcome, error.kind == .locked {
        locked.append(submission)
        continue
      }
      if case .success(let message) = outcome {
        stored(message)
        Measures.messages.increment()
      }
      submission.completion(outcome.mapError(\.storeError))
    }
    state.withLock { $0.queue.hold(locked) }
    return locked.isEmpty
  }

  private typealias Outcome = Result<StoredMessage, PostgresError>

  /// Stores a batch. Should the database refuse it for what is in it, each message is stored by
  /// itself: nobody's message fails because of somebody else's.
  private func store(_ messages: [NewMessage]) -> [Outcome] {
    do throws(PostgresError) {
      return try commitRepeatedly(messages)
    } catch {
      switch error.kind {
      case .foreignKeyViolation, .unexpectedAnswer, .other:
        if messages.count > 1 { return messages.flatMap { store([$0]) } }
      case .locked: return storeApart(messages, after: error)
      case .connection, .uniqueViolation, .serialization, .insufficientResources, .missingSchema:
        break
      }
      logger.warning(
        "messages not stored",
        metadata: ["messages": "\(messages.count)", "cause": "\(error.cause)"])
      return messages.map { _ in .failure(error) }
    }
  }

  /// After so many conversations in a row that are locked, all others are taken to be.
  private static let lockedInARow = 4

  /// Stores each conversation of a batch by itself, since one of them is locked.
  private func storeApart(_ messages: [NewMessage], after error: PostgresError) -> [Outcome] {
    var outcomes = messages.map { _ in Outcome.failure(error) }
    let conversations = Dictionary(grouping: messages.indices) { messages[$0].conversation }
    guard conversations.count > 1 else { return outcomes }
    var locked = 0
    for indices in conversations.values where locked < Self.lockedInARow {
      locked += 1
      for (index, outcome) in zip(indices, store(indices.map { messages[$0] })) {
        outcomes[index] = outcome
        if case .success = outcome { locked = 0 }
      }
    }
    return outcomes
  }

  /// How often a batch is tried that collides with other nodes.
  private static let attempts = 10

  /// A batch that lost its connection is tried once more, and one that met another node storing the
  /// same keys a few times: each time the keys tell what has been committed meanwhile.
  private func commitRepeatedly(_ messages: [NewMessage]) throws(PostgresError) -> [Outcome] {
    var hasLostConnection = false
    for _ in 1..<Self.attempts {
      do throws(PostgresError) {
        return try commit(messages)
      } catch {
        switch error.kind {
        case .connection:
          if hasLostConnection { throw error }
          hasLostConnection = true
        case .serialization, .uniqueViolation: break
        case .foreignKeyViolation, .insufficientResources, .locked, .missingSchema,
          .unexpectedAnswer, .other:
          throw error
        }
      }
    }
    do throws(PostgresError) {
      return try commit(messages)
    } catch {
      guard case .uniqueViolation = error.kind else { throw error }
      // Still worth another try, by the client and later.
      throw PostgresError(kind: .serialization, cause: error.cause)
    }
  }

  private func commit(_ messages: [NewMessage]) throws(PostgresError) -> [Outcome] {
    let places: [MessageName: StoredMessage]
    do throws(PostgresError) {
      let connection = try openConnection()
      #if DEBUG
        try EarlyAnswers.begin(on: connection)
      #endif
      // One statement is one transaction: it is committed when its answer arrives.
      let begun = ContinuousClock.now
      let rows = try connection.execute(StoreMessages(messages: Self.distinct(messages)))
      Measures.commit.record(since: begun)
      Measures.commitMessages.record(messages.count)
      places = try complete(rows, connection)
    } catch {
      if error.kind == .connection { state.withLock { $0.connection = nil } }
      throw error
    }
    return messages.map { message in
      places[MessageName(sender: message.sender, key: message.key)].map(Outcome.success)
        ?? .failure(
          message.attachment.map { attachment in
            PostgresError(
              kind: .foreignKeyViolation,
              cause: "there is no attachment \(attachment) of user \(message.sender)")
          }
            ?? PostgresError(
              kind: .unexpectedAnswer,
              cause: "there is no conversation \(message.conversation) to store a message in"))
    }
  }

  /// Adds the messages that were stored before, unless they have been cleared.
  private func complete(
    _ rows: [StoreMessages.Row], _ connection: PostgresConnection
  ) throws(PostgresError) -> [MessageName: StoredMessage] {
    var places = Dictionary(
      rows.map { (MessageName(sender: $0.sender, key: $0.key), $0.stored) },
      uniquingKeysWith: { first, _ in first })
    let known = places.values.filter { $0.message == nil }
    guard !known.isEmpty else { return places }
    // By plans of their own, which look into no more parts than they must.
    try connection.execute(sql: StoreMessages.usualSettings)
    do throws(PostgresError) {
      for (conversation, stored) in Dictionary(grouping: known, by: \.conversation) {
        let list = ListMessagesAt(conversation: conversation, places: stored.map(\.sequence))
        for message in try connection.execute(list).map(\.message) {
          places[MessageName(sender: message.sender, key: message.key)] = StoredMessage(message)
        }
      }
    } catch {
      // It may only be locked, and the connection goes on.
      try connection.execute(sql: StoreMessages.sessionSettings)
      throw error
    }
    try connection.execute(sql: StoreMessages.sessionSettings)
    return places
  }

  private struct MessageName: Hashable {
    let sender: UserID
    let key: IdempotencyKey
  }

  /// Within one statement the database cannot see that a key comes twice.
  private static func distinct(_ messages: [NewMessage]) -> [NewMessage] {
    var seen: Set<MessageName> = []
    return messages.filter { seen.insert(MessageName(sender: $0.sender, key: $0.key)).inserted }
  }

  private func openConnection() throws(PostgresError) -> PostgresConnection {
    let (open, mustWait) = state.withLock { state in
      (state.connection, state.noConnectionUntil.map { $0 > .now } ?? false)
    }
    if let open, !open.isBroken { return open }
    guard !mustWait else {
      throw PostgresError(kind: .connection, cause: "the database was away a moment ago")
    }
    do {
      let connection = try PostgresConnection(connectionString, lockTimeout: Self.lockTimeout)
      try connection.execute(sql: StoreMessages.sessionSettings)
      state.withLock { $0.connection = connection }
      return connection
    } catch {
      state.withLock { $0.noConnectionUntil = .now + .milliseconds(500) }
      throw error
    }
  }
}
