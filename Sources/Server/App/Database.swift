import Logging
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
  private let hasSchema = Mutex(false)
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
  /// - Parameter level: how loudly to say that the database is away.
  /// - Throws: ``OperatorError`` when this program cannot serve from this database at all.
  func open(sayingAwayAt level: Logger.Level = .warning) throws(OperatorError) {
    do {
      let connection = try PostgresConnection(connectionString)
      try Migrator(logger: logger).migrate(connection)
      hasSchema.withLock { $0 = true }
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
  /// - Throws: ``OperatorError`` when a database that came back cannot be served from.
  func watch() async throws(OperatorError) {
    var wasThere = true
    while !Task.isCancelled {
      let isThere = try await look()
      if isThere != wasThere {
        logger.notice("\(isThere ? "the database is back" : "the database is away")")
        wasThere = isThere
      }
      // Cancelled, it ends the loop.
      do { try await Task.sleep(for: Self.interval) } catch { return }
    }
  }

  private func look() async throws(OperatorError) -> Bool {
    if await isReady() {
      indexer.wake()
      return true
    }
    do {
      try await cluster?.restartIfDead()
    } catch {
      logger.error("\(error.description)")
    }
    // It has been said once.
    if !hasSchema.withLock({ $0 }) { try open(sayingAwayAt: .debug) }
    return await isReady()
  }

  /// Whether the database answers and has its schema.
  func isReady() async -> Bool {
    do {
      try await store.probe()
      return true
    } catch {
      return false
    }
  }

  /// Commits what is queued, closes the connections, and stops the private cluster.
  func close() async {
    await rewriter.close()
    await writer.close()
    await indexer.close()
    await store.pool.close()
    do {
      try await cluster?.stop()
    } catch {
      logger.error("\(error.description)")
    }
  }
}
