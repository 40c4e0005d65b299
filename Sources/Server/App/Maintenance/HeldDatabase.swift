import Logging
import MartletProtocol

/// The database of a server, running or not, for what reads or writes much of it: that does not go through
/// the server.
struct HeldDatabase: Sendable {
  let connectionString: String
  let attachmentsDirectory: String

  /// Starts the private cluster, if it does not run, for as long as `body` runs.
  ///
  /// - Throws: ``OperatorError`` when there is no such database, and what `body` throws.
  static func with<Value>(
    _ configuration: ServerConfiguration, logger: Logger,
    _ body: (HeldDatabase) async throws(OperatorError) -> Value
  ) async throws(OperatorError) -> Value {
    let directory = configuration.dataDirectory
    let isServed = try await Administrator.isListening(in: directory)
    if let url = configuration.databaseURL {
      return try await body(
        HeldDatabase(
          connectionString: url, attachmentsDirectory: configuration.attachmentsDirectory))
    }
    try checkExistence(configuration)
    let claim = isServed ? nil : try DataDirectory(path: directory)
    defer { claim?.release() }
    let cluster = try await PrivateCluster(in: directory, logger: logger)
    let held = HeldDatabase(
      connectionString: cluster.connectionString,
      attachmentsDirectory: configuration.attachmentsDirectory)
    return isServed
      ? try await body(held)
      : try await cluster.running { () async throws(OperatorError) in try await body(held) }
  }

  /// Makes sure that there is a database, or should be one.
  ///
  /// - Throws: ``OperatorError`` where there is none to be found.
  static func checkExistence(_ configuration: ServerConfiguration) throws(OperatorError) {
    let directory = configuration.dataDirectory
    guard configuration.databaseURL != nil || PrivateCluster.exists(in: directory) else {
      throw OperatorError(
        "There is no server's data in \(directory); name its directory with --data-directory, or its "
          + "file of settings with --config.")
    }
  }

  /// Connects, and makes sure that this program knows the schema.
  func connect() throws(OperatorError) -> PostgresConnection {
    do {
      let connection = try PostgresConnection(connectionString)
      let schema = try Migrator.schema(of: connection)
      guard schema == Migrator.newest else {
        throw OperatorError(
          schema > Migrator.newest
            ? "The database has schema \(schema), made by a newer martletd; use that one."
            : "The database has schema \(schema) of \(Migrator.newest); run 'martletd migrate' first."
        )
      }
      return connection
    } catch let error as OperatorError {
      throw error
    } catch {
      throw OperatorError("The database cannot be reached: \(error)")
    }
  }
}

extension PrivateCluster {
  /// Starts the cluster, and stops it once `body` has run.
  func running<Value>(
    _ body: () async throws(OperatorError) -> Value
  ) async throws(OperatorError) -> Value {
    let result = await attempt { () async throws(OperatorError) -> Value in
      try await start()
      return try await body()
    }
    do {
      try await stop()
    } catch {
      // The first error is the one to be told.
      if case .success = result { throw error }
    }
    return try result.get()
  }
}
