import Logging
import NIOPosix
import ServerCore
import Synchronization

/// A few connections, each used by one thread of a pool at a time.
///
/// A job that finds its connection lost is run once more on a fresh one, and so is one that met another
/// in a deadlock: neither a restarted database nor bad luck costs anybody an error. So a job must bear
/// being done twice.
final class PostgresPool: Sendable {
  /// How long a job waits for what is locked, a part of `messages` that is written anew perhaps, before
  /// it gives its connection to others.
  private static let lockTimeout = Duration.seconds(3)

  private struct State {
    var idle: [PostgresConnection] = []
    var waiting = 0
    /// Connecting is not tried again before then: without this, every request would wait for its
    /// own refusal.
    var noConnectionUntil: ContinuousClock.Instant?
  }

  private let connectionString: String
  private let threads: NIOThreadPool
  private let maximumWaiting: Int
  private let state = Mutex(State())
  private let logger: Logger

  /// - Parameters:
  ///   - size: how many connections and threads.
  ///   - maximumWaiting: how many jobs may wait; further ones are refused as overload.
  init(
    connectionString: String, size: Int, maximumWaiting: Int = 1000, logger: Logger
  ) {
    self.connectionString = connectionString
    self.maximumWaiting = maximumWaiting
    self.logger = logger
    threads = NIOThreadPool(numberOfThreads: size)
    threads.start()
  }

  /// Runs a job on a connection.
  func run<Value: Sendable>(
    _ job: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
  ) async throws(StoreError) -> Value {
    let accepted = state.withLock { state in
      guard state.waiting < maximumWaiting else { return false }
      state.waiting += 1
      return true
    }
    guard accepted else { throw .overloaded }
    defer { state.withLock { $0.waiting -= 1 } }
    let result: Result<Value, PostgresError>
    do {
      result = try await threads.runIfActive { [self] in runTwiceAtMost(job) }
    } catch {
      // The pool is shutting down.
      throw .unavailable
    }
    do {
      return try result.get()
    } catch {
      throw error.storeError
    }
  }

  /// Waits for running jobs, refuses new ones, and closes the connections.
  func close() async {
    do {
      try await threads.shutdownGracefully()
    } catch {
      logger.warning("a thread pool did not stop", metadata: ["cause": "\(error)"])
    }
    state.withLock { $0.idle.removeAll() }
  }

  private func runTwiceAtMost<Value>(
    _ job: (PostgresConnection) throws(PostgresError) -> Value
  ) -> Result<Value, PostgresError> {
    let first = runOnce(job)
    guard case .failure(let error) = first,
      error.kind == .connection || error.kind == .serialization
    else { return first }
    return runOnce(job)
  }

  private func runOnce<Value>(
    _ job: (PostgresConnection) throws(PostgresError) -> Value
  ) -> Result<Value, PostgresError> {
    do {
      let connection = try takeConnection()
      defer { if !connection.isBroken { state.withLock { $0.idle.append(connection) } } }
      return .success(try job(connection))
    } catch {
      // What broke one connection has most likely broken those that lie idle, too.
      if error.kind == .connection { state.withLock { $0.idle.removeAll() } }
      return .failure(error)
    }
  }

  private func takeConnection() throws(PostgresError) -> PostgresConnection {
    let (idle, mustWait) = state.withLock { state in
      (state.idle.popLast(), state.noConnectionUntil.map { $0 > .now } ?? false)
    }
    if let idle { return idle }
    guard !mustWait else {
      throw PostgresError(kind: .connection, cause: "the database was away a moment ago")
    }
    return try connect()
  }

  private func connect() throws(PostgresError) -> PostgresConnection {
    do {
      let connection = try PostgresConnection(connectionString, lockTimeout: Self.lockTimeout)
      state.withLock { $0.noConnectionUntil = nil }
      return connection
    } catch {
      state.withLock { $0.noConnectionUntil = .now + .milliseconds(500) }
      logger.debug("cannot connect to the database", metadata: ["cause": "\(error.cause)"])
      throw error
    }
  }
}
