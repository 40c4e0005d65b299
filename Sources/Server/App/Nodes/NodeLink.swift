import FoundationEssentials
import Logging
import MartletProtocol
import NIOPosix
import ServerCore
import Synchronization

/// One node's place among the others, and its connection to what they tell. It blocks: its work is done on a
/// thread of its own.
final class NodeLink: Sendable {
  /// Who is silent for longer is taken for dead. With a look every second, its people are seen offline well
  /// within ten.
  static let silence = Duration.seconds(5)
  /// How often the list of nodes is looked at.
  private static let listInterval = Duration.seconds(1)
  /// How long events stay: for so long a node may be behind, or twice.
  private static let sweepInterval = Duration.seconds(60)

  /// What one look has shown.
  struct Look: Sendable {
    /// Whether this node is a new one to the others: the first time, or because they took it for dead.
    var isNew = false
    /// The other nodes, where it was time to look.
    var listed: Set<NodeID>?
    /// Those that this node has removed, as they were silent.
    var removed: Set<NodeID> = []
    /// What others have told, in order.
    var told: [(node: NodeID, events: [NodeEvent])] = []
  }

  private struct State {
    var connection: PostgresConnection?
    var node: NodeName?
    /// Who this node was before.
    var former: NodeName?
    var cursor = EventCursor(after: 0)
    var listedAt: ContinuousClock.Instant?
    var sweptAt = ContinuousClock.now
    /// What was the newest event at the last sweep: everybody has read that by the next.
    var swept: Int64 = 0
  }

  private let connectionString: String
  private let name: String
  private let listens: Bool
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let state = Mutex(State())
  private let logger: Logger

  /// - Parameters:
  ///   - name: what people call this node.
  ///   - listens: whether to be woken by notifications, besides looking often.
  init(connectionString: String, name: String, listens: Bool = true, logger: Logger) {
    self.connectionString = connectionString
    self.name = name
    self.listens = listens
    self.logger = logger
    thread.start()
  }

  /// This node, once it is among the others.
  var node: NodeName? { state.withLock { $0.node } }

  /// Begins anew, as when the database is another, or others took this node for dead.
  func reset() {
    state.withLock { state in
      state.former = state.node ?? state.former
      state.node = nil
    }
  }

  /// Looks who is there, if it is time for that, and reads what they have told.
  ///
  /// - Parameter mayJudge: whether those who have been silent are to be removed.
  /// - Throws: ``PostgresError`` when the database is away.
  func look(mayJudge: Bool) async throws -> Look {
    try await thread.runIfActive { [self] in
      do {
        let connection = try openConnection()
        var look = Look()
        let node = try register(connection, &look)
        try list(besides: node, connection, mayJudge: mayJudge, &look)
        // After the list: whoever is not on it any more has told before why.
        try read(as: node.id, connection, &look)
        try sweep(connection, isAlone: look.listed?.isEmpty ?? false)
        return look
      } catch {
        state.withLock { $0.connection = nil }
        throw error
      }
    }
  }

  /// Whether others live.
  ///
  /// - Throws: ``PostgresError`` when the database is away.
  func hasOthers() async throws -> Bool {
    try await thread.runIfActive { [self] in
      try !openConnection().execute(ListLivingNodes()).isEmpty
    }
  }

  /// Waits for others to tell something, at most for so long.
  func wait(atMost patience: Duration) async {
    do {
      guard let connection = state.withLock({ $0.connection }) else {
        return try await Task.sleep(for: patience)
      }
      try await thread.runIfActive { try connection.waitForNotification(atMost: patience) }
    } catch {
      logger.debug("not woken by other nodes", metadata: ["cause": "\(error)"])
    }
  }

  /// Leaves the list of nodes, and closes the connection.
  func close() async {
    do {
      try await thread.runIfActive { [self] in
        let (connection, node) = state.withLock { ($0.connection, $0.node) }
        if let connection, let node { _ = try connection.execute(RemoveNode(node: node)) }
        state.withLock { $0.connection = nil }
      }
    } catch {
      logger.debug("other nodes will take this one for dead", metadata: ["cause": "\(error)"])
    }
    do {
      try await thread.shutdownGracefully()
    } catch {
      logger.warning("the thread for other nodes did not stop", metadata: ["cause": "\(error)"])
    }
  }

  private func openConnection() throws -> PostgresConnection {
    if let open = state.withLock({ $0.connection }), !open.isBroken { return open }
    let connection = try PostgresConnection(connectionString)
    // The table is small when plans are made, and swept when it has grown: reading all of it is never right.
    try connection.execute(sql: "SET synchronous_commit = off; SET enable_seqscan = off")
    if listens { try connection.execute(sql: "LISTEN \(TellNodes.channel)") }
    state.withLock { $0.connection = connection }
    return connection
  }

  private func register(_ connection: PostgresConnection, _ look: inout Look) throws -> NodeName {
    if let node = state.withLock({ $0.node }) { return node }
    // Nobody is to wait for its word.
    if let former = state.withLock({ $0.former }) {
      _ = try connection.execute(RemoveNode(node: former))
    }
    // What was told before, nobody told a node that was not there.
    guard let newest = try connection.execute(ReadNewestEvent()).first,
      let node = try connection.execute(AddNode(name: name)).first
    else { throw PostgresError(kind: .unexpectedAnswer, cause: "a node without a number") }
    state.withLock { state in
      state.node = node
      state.cursor = EventCursor(after: newest)
      state.listedAt = nil
      state.swept = newest
    }
    look.isNew = true
    return node
  }

  private func list(
    besides node: NodeName, _ connection: PostgresConnection, mayJudge: Bool, _ look: inout Look
  ) throws {
    let now = ContinuousClock.now
    guard state.withLock({ $0.listedAt.map { $0 + Self.listInterval <= now } ?? true }) else {
      return
    }
    if mayJudge {
      look.removed = Set(try connection.execute(RemoveSilentNodes(besides: node.id)))
    }
    look.listed = Set(try connection.execute(ListNodes(besides: node.id)))
    state.withLock { $0.listedAt = now }
  }

  private func read(
    as node: NodeID, _ connection: PostgresConnection, _ look: inout Look
  ) throws {
    var isFull = true
    while isFull {
      var cursor = state.withLock { $0.cursor }
      let rows = try connection.execute(ReadEvents(cursor: cursor, node: node))
      let told = rows.compactMap(\.event)
      guard let first = rows.first else { return }
      cursor.take(told.map(\.number), oldest: first.oldest, next: first.next)
      for event in told where event.node != node {
        look.told.append((event.node, decode(event.events)))
      }
      state.withLock { [cursor] in $0.cursor = cursor }
      isFull = told.count >= ReadEvents.limit
    }
  }

  /// What a newer node has told, and this one does not understand, is as if it were lost.
  private func decode(_ events: [UInt8]) -> [NodeEvent] {
    do {
      return try JSONDecoder().decode([NodeEvent].self, from: Data(events))
    } catch {
      logger.warning("another node told what this one does not understand")
      return [.overflowed]
    }
  }

  private func sweep(_ connection: PostgresConnection, isAlone: Bool) throws {
    let (isDue, upTo, newest) = state.withLock { state in
      (state.sweptAt + Self.sweepInterval <= .now, state.swept, state.cursor.newest)
    }
    guard isDue || (isAlone && newest > upTo) else { return }
    _ = try connection.execute(RemoveEvents(upTo: isAlone ? newest : upTo))
    state.withLock { state in
      state.sweptAt = .now
      state.swept = newest
    }
  }
}
