import ArgumentParser
import FoundationEssentials
import Logging

/// `martletd new-epoch`: has every client drop what it holds and load afresh.
///
/// For when a copy of the database was put back in a way that the server cannot notice, such as a
/// snapshot of the disk under it.
struct NewEpoch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say that the database was restored: every client loads afresh.",
    discussion: """
      The server notices by itself when a dump was restored, a copy of its data directory put back, or \
      a standby promoted. It cannot notice a snapshot of the disk being put back: run this after it, \
      before the server is started. A server on another database than its own may go on running; it \
      has its clients come back within seconds.
      """)

  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run() async throws {
    do throws(OperatorError) {
      let settings = try await Settings(
        flags: flags, environment: ProcessInfo.processInfo.environment)
      let configuration = try ServerConfiguration(settings)
      try HeldDatabase.checkExistence(configuration)
      let epoch = try await Self.begin(
        dataDirectory: configuration.dataDirectory, databaseURL: configuration.databaseURL,
        logger: .onStandardError(.warning))
      print("The database is in epoch \(epoch).")
    } catch {
      throw error.report()
    }
  }

  /// Begins an epoch, and returns it.
  static func begin(
    dataDirectory: String, databaseURL: String?, logger: Logger
  ) async throws(OperatorError) -> Int64 {
    if let databaseURL { return try raise(at: databaseURL, home: 0, logger: logger) }
    let directory = try DataDirectory(path: dataDirectory)
    defer { directory.release() }
    let cluster = try await PrivateCluster(in: dataDirectory, logger: logger)
    do throws(OperatorError) {
      try await cluster.start()
      let epoch = try raise(at: cluster.connectionString, home: cluster.home, logger: logger)
      try await cluster.stop()
      return epoch
    } catch {
      // Whatever of it runs: the error to be told is the first.
      do { try await cluster.stop() } catch {}
      throw error
    }
  }

  private static func raise(
    at connectionString: String, home: Int64, logger: Logger
  ) throws(OperatorError) -> Int64 {
    do {
      let connection = try PostgresConnection(connectionString)
      try Migrator(logger: logger).migrate(connection)
      // Where it is, is known from here on: the server will see no second reason.
      _ = try PostgresStore.recognize(connection, at: home)
      guard let epoch = try connection.execute(RaiseEpoch()).first else {
        throw OperatorError("The database has lost its identity.")
      }
      return epoch
    } catch let refusal as Migrator.Refusal {
      throw OperatorError(refusal.description)
    } catch let error as OperatorError {
      throw error
    } catch {
      throw OperatorError("The database cannot be reached or written: \(error)")
    }
  }
}
