import Logging
import MartletProtocol
import NIOPosix
import ServerCore
import Synchronization

/// Says that a node lives, whatever else it has to do: on a connection and a thread of its own, from its first
/// beat until it is closed.
final class NodePulse: Sendable {
  static let interval = Duration.seconds(1)

  private struct State {
    var connection: PostgresConnection?
    var lastBeat: ContinuousClock.Instant?
    /// Since when no beat was late.
    var steadySince: ContinuousClock.Instant?
  }

  private let connectionString: String
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let state = Mutex(State())
  private let logger: Logger

  init(connectionString: String, logger: Logger) {
    self.connectionString = connectionString
    self.logger = logger
    thread.start()
  }

  /// Whether this node has been heard of all the time for as long as others may be silent. Whoever was silent
  /// itself, as all are while the database is away, judges nobody.
  var maySeeOthersDead: Bool {
    state.withLock { state in
      guard let lastBeat = state.lastBeat, let steadySince = state.steadySince else { return false }
      let now = ContinuousClock.now
      return now - lastBeat < Self.late && now - steadySince >= NodeLink.silence
    }
  }

  /// A beat that comes later than this after the last one is late.
  private static let late = NodeLink.silence / 2

  /// Beats once. Returns false when the node was taken for dead, and `nil` while the database is away.
  func beat(for node: NodeName) async -> Bool? {
    do {
      return try await thread.runIfActive { [self] in
        let connection = try openConnection()
        let isAlive = try !connection.execute(Beat(node: node)).isEmpty
        state.withLock { state in
          let now = ContinuousClock.now
          if let last = state.lastBeat {
            if now - last > Self.late { state.steadySince = now }
          } else {
            // Whoever has just started keeps nobody waiting for those who died before.
            state.steadySince = now - NodeLink.silence
          }
          state.lastBeat = now
        }
        return isAlive
      }
    } catch {
      logger.debug("no heartbeat", metadata: ["cause": "\(error)"])
      state.withLock { $0.connection = nil }
      return nil
    }
  }

  func close() async {
    do {
      try await thread.shutdownGracefully()
    } catch {
      logger.warning("the thread for heartbeats did not stop", metadata: ["cause": "\(error)"])
    }
    state.withLock { $0.connection = nil }
  }

  private func openConnection() throws -> PostgresConnection {
    if let open = state.withLock({ $0.connection }), !open.isBroken { return open }
    let connection = try PostgresConnection(connectionString)
    try connection.execute(sql: "SET synchronous_commit = off")
    state.withLock { $0.connection = connection }
    return connection
  }
}
