import Logging
import MartletProtocol
import NIOPosix
import ServerCore
import Synchronization

/// Indexes whole blocks of messages, in the background and on a connection of its own.
///
/// What is left to do is in the database: it looks there when it begins, after a failure, and when
/// more conversations wait than it remembers. Several nodes may do this at once.
final class SearchIndexer: Sendable {
  private struct State {
    var waiting: Set<ConversationID> = []
    /// Conversations of which a block is whole, and the next may soon be: many at once cost less.
    var resting: [ConversationID: ContinuousClock.Instant] = [:]
    var isTimerSet = false
    /// Whether there may be more to do than what waits.
    var mustLook = true
    var isRunning = false
    var isClosed = false
    var connection: PostgresConnection?
  }

  private let connectionString: String
  private let maximumWaiting: Int
  private let patience: Duration
  private let state = Mutex(State())
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let logger: Logger

  /// - Parameters:
  ///   - maximumWaiting: how many conversations are remembered before it looks for them in the database
  ///     instead.
  ///   - patience: how long it waits for as many blocks as make a signature together.
  init(
    connectionString: String, maximumWaiting: Int = 1000, patience: Duration = .seconds(5),
    logger: Logger
  ) {
    self.connectionString = connectionString
    self.maximumWaiting = maximumWaiting
    self.patience = patience
    self.logger = logger
    thread.start()
  }

  /// A message has been stored. Returns at once.
  func stored(_ sequence: MessageSequence, in conversation: ConversationID) {
    guard SearchBlock.ends(at: sequence) else { return }
    let blocks = SearchBlock(of: sequence).number + 1
    guard blocks.isMultiple(of: Int64(SearchSignature.fanOut)) || patience == .zero else {
      return rest(conversation)
    }
    start { state in
      state.resting[conversation] = nil
      if state.waiting.count < maximumWaiting {
        state.waiting.insert(conversation)
      } else {
        state.mustLook = true
      }
    }
  }

  private func rest(_ conversation: ConversationID) {
    let mustSetTimer = state.withLock { state in
      guard !state.isClosed else { return false }
      if state.resting.count < maximumWaiting {
        state.resting[conversation] = .now + patience
      } else {
        // Looking finds these, too.
        state.mustLook = true
      }
      defer { state.isTimerSet = true }
      return !state.isTimerSet
    }
    if mustSetTimer { setTimer() }
  }

  private func setTimer() {
    let patience = patience
    Task { [weak self] in
      do { try await Task.sleep(for: patience) } catch { return }
      self?.wakeRested()
    }
  }

  private func wakeRested() {
    var isAnyLeft = false
    start { state in
      for (conversation, due) in state.resting where due <= .now {
        state.resting[conversation] = nil
        state.waiting.insert(conversation)
      }
      isAnyLeft = !state.resting.isEmpty
      state.isTimerSet = isAnyLeft
    }
    if isAnyLeft { setTimer() }
  }

  /// Goes on with what is left to do, if anything is. Called once the database has its schema, and
  /// whenever it may have come back.
  func wake() {
    start { _ in }
  }

  /// Finishes the block under way, leaves the others for the next start, and closes the connection.
  func close() async {
    state.withLock { $0.isClosed = true }
    do {
      try await thread.shutdownGracefully()
    } catch {
      logger.warning("the indexer's thread did not stop", metadata: ["cause": "\(error)"])
    }
    state.withLock { $0.connection = nil }
  }

  private func start(_ change: (inout State) -> Void) {
    let mustRun = state.withLock { state in
      change(&state)
      guard !state.isRunning, !state.isClosed, state.mustLook || !state.waiting.isEmpty else {
        return false
      }
      state.isRunning = true
      return true
    }
    if mustRun { thread.submit { [self] _ in run() } }
  }

  private enum Work { case look, index(ConversationID) }

  private func run() {
    while let work = nextWork() {
      do throws(PostgresError) {
        let connection = try openConnection()
        switch work {
        case .look: try indexAll(connection)
        case .index(let conversation): try indexIfPossible(conversation, connection)
        }
      } catch {
        logger.debug("the indexer waits for the database", metadata: ["cause": "\(error.cause)"])
        state.withLock { state in
          state.mustLook = true
          state.isRunning = false
          if error.kind == .connection { state.connection = nil }
        }
        // Until it is woken: the database may be away.
        return
      }
    }
  }

  private func nextWork() -> Work? {
    state.withLock { state in
      if !state.isClosed {
        if let conversation = state.waiting.popFirst() { return .index(conversation) }
        if state.mustLook {
          state.mustLook = false
          return .look
        }
      }
      state.isRunning = false
      return nil
    }
  }

  private var isClosed: Bool { state.withLock { $0.isClosed } }

  private func indexAll(_ connection: PostgresConnection) throws(PostgresError) {
    var after = ConversationID(0)
    while !isClosed {
      let found = try connection.execute(ListUnindexedConversations(after: after, limit: 100))
      for conversation in found { try indexIfPossible(conversation, connection) }
      guard let last = found.last else { return }
      after = last
    }
  }

  /// - Throws: what would stop every other conversation, too; whatever else goes wrong is logged, and
  ///   tried again when the conversation has another whole block, or at the next start.
  private func indexIfPossible(
    _ conversation: ConversationID, _ connection: PostgresConnection
  ) throws(PostgresError) {
    do throws(PostgresError) {
      try index(conversation, connection)
    } catch {
      switch error.kind {
      case .connection, .insufficientResources, .missingSchema: throw error
      case .uniqueViolation, .foreignKeyViolation, .serialization, .locked, .unexpectedAnswer,
        .other:
        logger.warning(
          "messages not indexed",
          metadata: ["conversation": "\(conversation)", "cause": "\(error.cause)"])
      }
    }
  }

  private func index(
    _ conversation: ConversationID, _ connection: PostgresConnection
  ) throws(PostgresError) {
    while !isClosed {
      let isDone = try connection.transaction { () throws(PostgresError) in
        try indexNextBlocks(of: conversation, connection)
      }
      if isDone { return }
    }
  }

  /// Indexes the next block, or as many as make a signature together when they are all whole. Returns
  /// whether there is none.
  ///
  /// A clearing takes the same lock before it removes signatures: it waits for this one and removes it,
  /// or this waits and sees what is left.
  private func indexNextBlocks(
    of conversation: ConversationID, _ connection: PostgresConnection
  ) throws(PostgresError) -> Bool {
    guard let next = try connection.execute(LockSearchProgress(conversation: conversation)).first,
      let scope = try connection.execute(ReadSearchScope(conversation: conversation)).first
    else { return true }
    let fanOut = Int64(SearchSignature.fanOut)
    let whole = scope.last.rawValue / SearchBlock.length - next.number
    guard whole > 0 else { return true }
    let count = next.number.isMultiple(of: fanOut) && whole >= fanOut ? fanOut : 1
    let texts = try connection.execute(
      ListFoldedTexts(
        conversation: conversation, first: next,
        last: SearchBlock(number: next.number + count - 1)))
    let blocks = Dictionary(grouping: texts, by: \.block)
    let parts = (next.number..<next.number + count).map { number in
      SearchSignature(of: (blocks[SearchBlock(number: number)] ?? []).map(\.text))
    }
    let signature = parts.count == 1 ? parts[0] : SearchSignature(merging: parts, ofBlocks: 1)
    try add(signature, at: next.number, of: conversation, connection)
    let end = SearchBlock(number: next.number + count)
    _ = try connection.execute(RecordSearchProgress(conversation: conversation, next: end))
    return false
  }

  /// Adds a signature, merged with those before it as far as they make a larger one together.
  private func add(
    _ signature: SearchSignature, at first: Int64, of conversation: ConversationID,
    _ connection: PostgresConnection
  ) throws(PostgresError) {
    var (signature, first) = (signature, first)
    let end = first + Int64(signature.blocks)
    while signature.blocks < SearchSignature.mostBlocks,
      end.isMultiple(of: Int64(signature.blocks * SearchSignature.fanOut))
    {
      let size = Int64(signature.blocks)
      let start = end - size * Int64(SearchSignature.fanOut)
      var parts = [SearchSignature?](repeating: nil, count: SearchSignature.fanOut)
      parts[SearchSignature.fanOut - 1] = signature
      let older = TakeSignatures(conversation: conversation, blocks: start..<first)
      for part in try connection.execute(older) {
        guard part.signature.blocks == signature.blocks else {
          throw PostgresError(
            kind: .unexpectedAnswer, cause: "signatures of \(conversation) overlap")
        }
        parts[Int((part.first - start) / size)] = part.signature
      }
      signature = SearchSignature(merging: parts, ofBlocks: Int(size))
      first = start
    }
    _ = try connection.execute(
      AddSignature(conversation: conversation, first: first, signature: signature))
  }

  private func openConnection() throws(PostgresError) -> PostgresConnection {
    if let open = state.withLock({ $0.connection }), !open.isBroken { return open }
    let connection = try PostgresConnection(connectionString)
    // What a crash of the database forgets is indexed again.
    try connection.execute(sql: "SET synchronous_commit = off")
    state.withLock { $0.connection = connection }
    return connection
  }
}
