import Logging
import MartletProtocol
import ServerCore
import Synchronization

/// The database from the server's point of view: there, away, or coming back.
///
/// It migrates the schema as soon as the database can be reached, at the start or later, and starts
/// the private cluster again should it die.
final class Database: Sendable {
  /// How long between two looks while all is well.
  private static let interval = Duration.seconds(2)

  let store: PostgresStore
  let writer: PostgresMessageWriter
  let rewriter: PostgresRewriter
  let indexer: SearchIndexer

  private let connectionString: String
  private let cluster: PrivateCluster?
  /// Which life of the database is served, once it has its schema.
  private let served = Mutex<ServerIdentity?>(nil)
  /// Why it was away last.
  private let cause = Mutex("")
  private let logger: Logger

  /// - Parameter cluster: the private cluster behind the connection string, if it is one.
  init(connectionString: String, cluster: PrivateCluster?, logger: Logger) {
    self.connectionString = connectionString
    self.cluster = cluster
    self.logger = logger
    store = PostgresStore(
      pool: PostgresPool(
        connectionString: connectionString, size: 4, logger: logger))
    rewriter = PostgresRewriter(connectionString: connectionString, logger: logger)
    let indexer = SearchIndexer(connectionString: connectionString, logger: logger)
    self.indexer = indexer
    writer = PostgresMessageWriter(
      connectionString: connectionString,
      stored: { indexer.stored($0.sequence, in: $0.conversation) }, logger: logger)
  }

  /// Migrates now if the database is there; otherwise ``watch()`` does when it comes.
  ///
  /// - Throws: ``OperatorError`` when this program cannot serve from this database at all.
  func open() async throws(OperatorError) {
    for attempt in 1...Self.attempts {
      do {
        _ = try PostgresConnection(connectionString)
        break
      } catch {
        // It is away, or takes no writes until it is promoted: that is waited for. libpq has no code for the
        // latter, and its words are not translated here.
        guard PostgresConnection.isAnswering(connectionString), !error.cause.contains("read-only")
        else { break }
        // It is there, and refuses: for a moment, if it has too many connections, or for good, if there is no
        // such database, or the password is another.
        guard attempt < Self.attempts else {
          throw OperatorError(
            "The database refuses this server: \(error.cause.asLogLine); look at --database-url.")
        }
        // Cancelled, it is not waited for any longer.
        do { try await Task.sleep(for: .seconds(1)) } catch { break }
      }
    }
    try open(sayingAwayAt: .warning)
  }

  /// How often a database that refuses is asked at the start, a second apart.
  private static let attempts = 5

  private func open(sayingAwayAt level: Logger.Level) throws(OperatorError) {
    do {
      let connection = try PostgresConnection(connectionString)
      try Migrator(logger: logger).migrate(connection)
      let (identity, isNew) = try PostgresStore.recognize(connection, at: home)
      if isNew { tellOfRestore(identity) }
      served.withLock { $0 = identity }
      // To what an earlier server has left undone.
      rewriter.wake()
      indexer.wake()
    } catch let refusal as Migrator.Refusal {
      throw OperatorError(refusal.description)
    } catch let error as PostgresError {
      guard error.kind == .connection || error.kind == .insufficientResources else {
        throw OperatorError("The database refused to be set up: \(error.cause)")
      }
      logger.log(
        level: level,
        "the database is away; sends are refused until it is back",
        metadata: ["cause": "\(error.cause)"])
    } catch {
      throw OperatorError("The database could not be set up: \(error)")
    }
  }

  /// Looks after the database until cancelled.
  ///
  /// - Parameters:
  ///   - onNewEpoch: called when the database was restored under the server, or its operator
  ///     has begun an epoch: nothing that was remembered of it is true any more.
  ///   - onMutes: called with those who may not write, and until when, as often as they are looked up.
  /// - Throws: ``OperatorError`` when a database that came back cannot be served from.
  func watch(
    onNewEpoch: () async -> Void, onMutes: ([UserID: Timestamp]) -> Void
  ) async throws(OperatorError) {
    var wasThere = true
    while !Task.isCancelled {
      let isThere = try await look(onNewEpoch)
      if isThere, let mutes = await mutes() { onMutes(mutes) }
      if isThere != wasThere {
        if isThere {
          logger.warning("the database is back")
        } else {
          logger.warning(
            "the database is away", metadata: ["cause": "\(cause.withLock { $0 })"])
        }
        wasThere = isThere
      }
      // Cancelled, it ends the loop.
      do { try await Task.sleep(for: Self.interval) } catch { return }
    }
  }

  private func look(_ onNewEpoch: () async -> Void) async throws(OperatorError) -> Bool {
    if let identity = await recognize() {
      let last = served.withLock { served in
        defer { served = identity }
        return served
      }
      if last != identity {
        tellOfRestore(identity)
        await onNewEpoch()
      }
      indexer.wake()
      return true
    }
    do {
      try await cluster?.restartIfDead()
    } catch {
      logger.error("\(error.description)")
    }
    // It has been said once.
    if served.withLock({ $0 == nil }) { try open(sayingAwayAt: .debug) }
    return await isReady()
  }

  /// `nil` while the database does not say.
  private func mutes() async -> [UserID: Timestamp]? {
    do {
      return try await store.mutes()
    } catch {
      logger.debug("the database does not say who is muted", metadata: ["cause": "\(error)"])
      return nil
    }
  }

  private var home: Int64 { cluster?.home ?? 0 }

  /// `nil` while the database is away, or has no schema yet.
  private func recognize() async -> ServerIdentity? {
    guard served.withLock({ $0 != nil }) else { return nil }
    do {
      return try await store.recognize(at: home)
    } catch {
      // Said once, by whoever notices that it is away.
      cause.withLock { $0 = "\(error)" }
      logger.debug("the database does not say which it is", metadata: ["cause": "\(error)"])
      return nil
    }
  }

  private func tellOfRestore(_ identity: ServerIdentity) {
    logger.warning(
      "the database was restored, or has moved: every client loads afresh",
      metadata: ["database": "\(identity.id)", "epoch": "\(identity.epoch)"])
  }

  /// Whether the database answers and has its schema.
  func isReady() async -> Bool {
    do {
      return try await store.hasSchema()
    } catch {
      return false
    }
  }

  /// Why the server is not ready; `nil` when it is.
  var readiness: String? {
    get async { await isReady() ? nil : "the database is away" }
  }

  /// Closes the connections, but for that of ``writer``, and stops the private cluster.
  func close() async {
    await rewriter.close()
    await indexer.close()
    await store.pool.close()
    do {
      try await cluster?.stop()
    } catch {
      logger.error("\(error.description)")
    }
  }
}
