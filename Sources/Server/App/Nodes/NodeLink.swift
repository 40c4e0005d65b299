import FoundationEssentials
import Logging
import MartletProtocol
import NIOPosix
import ServerCore
import Synchronization

/// One node's connection to what the others tell. It blocks: its work is done on a thread of its own.
final class NodeLink: Sendable {
  /// Who is silent for longer is taken for dead, in milliseconds. With a look every second, its people are seen
  /// offline well within ten.
  static let silence: Int64 = 5000

  /// What one look has shown.
  struct Look: Sendable {
    /// Whether this node is a new one to the others: the first time, or because they took it for dead.
    var isNew = false
    /// The other nodes that live, where it was time to look.
    var living: Set<NodeID>?
    /// Those that this node has removed, as they were silent.
    var removed: Set<NodeID> = []
    /// What others have told, in order.
    var told: [(node: NodeID, events: [NodeEvent])] = []
  }

  private struct State {
    var connection: PostgresConnection?
    var node: NodeID?
    var cursor = EventCursor(after: 0)
    var lastBeat: ContinuousClock.Instant?
    var lastSweep = ContinuousClock.now
    /// What was the newest event at the last sweep: everybody has read that by the next.
    var swept: Int64 = 0
  }

  private let connectionString: String
  private let name: String
  private let listens: Bool
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let state = Mutex(State())
  private let logger: Logger

  /// - Parameter listens: whether to be woken by notifications, besides looking often.
  init(connectionString: String, name: String, listens: Bool = true, logger: Logger) {
    self.connectionString = connectionString
    self.name = name
    self.listens = listens
    self.logger = logger
    thread.start()
  }

  /// This node's number, once it has one.
  var node: NodeID? { state.withLock { $0.node } }

  /// Begins anew, as when the database is another.
  func reset() { state.withLock { $0.node = nil } }

  /// Says that this node lives, if it is time for that, and reads what others have told.
  ///
  /// - Throws: ``PostgresError`` when the database is away.
  func look(beatEvery interval: Duration) async throws -> Look {
    try await thread.runIfActive { [self] in try lookNow(interval) }
  }

  /// Whether others live.
  func hasOthers() async throws -> Bool {
    try await thread.runIfActive { [self] in
      try !openConnection().execute(
        ListLivingNodes(besides: NodeID(0), milliseconds: Self.silence)
      ).isEmpty
    }
  }

  /// Waits for others to tell something, at most for so long.
  func wait(atMost patience: Duration) async {
    do {
      try await thread.runIfActive { [self] in
        try state.withLock { $0.connection }?.waitForNotification(atMost: patience)
      }
    } catch {
      logger.debug("lost the connection to other nodes", metadata: ["cause": "\(error)"])
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

  private func lookNow(_ interval: Duration) throws -> Look {
    do {
      let connection = try openConnection()
      var look = Look()
      let node = try register(connection, &look)
      let lastBeat = state.withLock { $0.lastBeat }
      if lastBeat.map({ $0 + interval <= .now }) ?? true {
        guard try beat(node, connection, since: lastBeat, &look) else {
          // Taken for dead: the next look begins anew.
          reset()
          return look
        }
      }
      try read(as: node, connection, &look)
      try sweep(connection, isAlone: look.living?.isEmpty ?? false)
      return look
    } catch {
      state.withLock { $0.connection = nil }
      throw error
    }
  }

  private func openConnection() throws -> PostgresConnection {
    if let open = state.withLock({ $0.connection }), !open.isBroken { return open }
    let connection = try PostgresConnection(connectionString)
    try connection.execute(sql: "SET synchronous_commit = off")
    if listens { try connection.execute(sql: "LISTEN \(TellNodes.channel)") }
    state.withLock { $0.connection = connection }
    return connection
  }

  private func register(_ connection: PostgresConnection, _ look: inout Look) throws -> NodeID {
    if let node = state.withLock({ $0.node }) { return node }
    // What was told before, nobody told a node that was not there.
    let newest = try connection.execute(ReadNewestEvent()).first ?? 0
    guard let node = try connection.execute(AddNode(name: name)).first else {
      throw PostgresError(kind: .unexpectedAnswer, cause: "a node without a number")
    }
    state.withLock { state in
      state.node = node
      state.cursor = EventCursor(after: newest)
      state.lastBeat = nil
      state.swept = newest
    }
    look.isNew = true
    return node
  }

  /// Returns false when others took this node for dead.
  private func beat(
    _ node: NodeID, _ connection: PostgresConnection, since last: ContinuousClock.Instant?,
    _ look: inout Look
  ) throws -> Bool {
    let now = ContinuousClock.now
    guard try !connection.execute(Beat(node: node)).isEmpty else { return false }
    // Whoever was silent itself, as all are while the database is away, judges nobody.
    if let last, now - last < .milliseconds(Self.silence / 2) {
      look.removed = Set(try connection.execute(RemoveSilentNodes(milliseconds: Self.silence)))
      look.living = Set(
        try connection.execute(ListLivingNodes(besides: node, milliseconds: Self.silence)))
    } else if last == nil {
      look.living = Set(
        try connection.execute(ListLivingNodes(besides: node, milliseconds: Self.silence)))
    }
    state.withLock { $0.lastBeat = now }
    return true
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
      isFull = told.count == ReadEvents.limit
    }
  }

  /// Nodes of one schema tell what all of them understand.
  private func decode(_ events: [UInt8]) -> [NodeEvent] {
    do {
      return try JSONDecoder().decode([NodeEvent].self, from: Data(events))
    } catch {
      logger.warning("another node told what this one does not understand")
      return []
    }
  }

  private func sweep(_ connection: PostgresConnection, isAlone: Bool) throws {
    let (isDue, upTo, newest) = state.withLock { state in
      (state.lastSweep + .seconds(60) <= .now, state.swept, state.cursor.newest)
    }
    guard isDue || (isAlone && newest > upTo) else { return }
    _ = try connection.execute(RemoveEvents(upTo: isAlone ? newest : upTo))
    state.withLock { state in
      state.lastSweep = .now
      state.swept = newest
    }
  }
}
