import FoundationEssentials
import Logging
import MartletProtocol
import NIOPosix
import ServerCore
import Synchronization

/// Tells other nodes what has happened, over the database: what comes while one row is being written goes into
/// the next.
///
/// When more waits than it may hold, as while the database is away, it keeps nothing of it and says so
/// instead: the others then have their clients look for themselves.
final class Relay: Peers {
  /// How many events are in one row at most.
  private static let batchSize = 1000

  fileprivate struct State {
    var queue: [NodeEvent] = []
    var node = NodeID(0)
    var isOpen = false
    var isFlushing = false
    var hasOverflowed = false
    var connection: PostgresConnection?
  }

  private let connectionString: String
  private let maximumQueued: Int
  private let state = Mutex(State())
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let logger: Logger

  init(connectionString: String, maximumQueued: Int = 10_000, logger: Logger) {
    self.connectionString = connectionString
    self.maximumQueued = maximumQueued
    self.logger = logger
    thread.start()
  }

  var arePresent: Bool { state.withLock { $0.isOpen } }

  /// There are others: from here on what is told is written, in the name of a node.
  func open(as node: NodeID) {
    state.withLock { state in
      state.node = node
      state.isOpen = true
    }
  }

  /// There is nobody to tell: what waits is dropped.
  func shut() {
    state.withLock { state in
      state.isOpen = false
      state.queue = []
    }
  }

  func tell(_ event: NodeEvent) {
    let mustFlush = state.withLock { state in
      guard state.isOpen else { return false }
      if state.queue.count >= maximumQueued {
        state.queue = [.overflowed]
        state.hasOverflowed = true
      }
      state.queue.append(event)
      return state.begin()
    }
    if mustFlush { flushSoon() }
  }

  /// Whether something was dropped since this was last asked: then others are to be told who is connected.
  func takeOverflow() -> Bool {
    state.withLock { state in
      defer { state.hasOverflowed = false }
      return state.hasOverflowed
    }
  }

  /// Tries again what could not be written.
  func wake() {
    if state.withLock({ $0.begin() }) { flushSoon() }
  }

  /// Writes what waits, if the database takes it, and closes the connection.
  func close() async {
    wake()
    // The thread takes its jobs in order: this one comes after the last flush.
    await withCheckedContinuation { continuation in
      thread.submit { _ in continuation.resume() }
    }
    do {
      try await thread.shutdownGracefully()
    } catch {
      logger.warning("the relay's thread did not stop", metadata: ["cause": "\(error)"])
    }
    state.withLock { state in
      state.isOpen = false
      state.connection = nil
    }
  }

  private func flushSoon() { thread.submit { [self] _ in flush() } }

  private func flush() {
    while let (node, batch) = next() {
      do {
        try write(batch, as: node)
      } catch {
        logger.debug("other nodes could not be told", metadata: ["cause": "\(error)"])
        // In its place again, for the next time.
        return state.withLock { state in
          state.queue.insert(contentsOf: batch, at: 0)
          state.isFlushing = false
          state.connection = nil
        }
      }
    }
  }

  private func next() -> (NodeID, [NodeEvent])? {
    state.withLock { state in
      let batch = Array(state.queue.prefix(Self.batchSize))
      state.queue.removeFirst(batch.count)
      state.isFlushing = !batch.isEmpty
      return batch.isEmpty ? nil : (state.node, batch)
    }
  }

  private func write(_ batch: [NodeEvent], as node: NodeID) throws {
    let open: PostgresConnection
    if let connection = state.withLock({ $0.connection }), !connection.isBroken {
      open = connection
    } else {
      open = try PostgresConnection(connectionString)
      state.withLock { $0.connection = open }
    }
    _ = try open.execute(TellNodes(node: node, events: Array(JSONEncoder().encode(batch))))
  }
}

extension Relay.State {
  /// Whether the caller is to flush.
  fileprivate mutating func begin() -> Bool {
    guard !isFlushing, !queue.isEmpty else { return false }
    isFlushing = true
    return true
  }
}
