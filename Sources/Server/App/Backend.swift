import Logging
import MartletProtocol
import ServerCore

/// All of a server but its sockets: the data directory, the database, the files, and what can be done with
/// them. Commands have one of their own where no server runs.
struct Backend: Sendable {
  let chat: Chat
  let administration: Administration
  let database: Database
  let files: Files
  /// This server among others; `nil` on a database of its own.
  let nodes: Nodes?
  private let passwords: PasswordHasher
  private let directory: DataDirectory

  /// Claims the data directory and opens everything.
  ///
  /// - Parameter isServer: whether it is for a server, not for a command: that may be given where the files are
  ///   not, so it removes none of those of a database that is not its own.
  /// - Throws: ``OperatorError``; nothing half-started remains then.
  static func start(
    _ configuration: ServerConfiguration, isServer: Bool = true, logger: Logger
  ) async throws(OperatorError) -> Backend {
    let directory = try DataDirectory(path: configuration.dataDirectory)
    let cluster = try await privateCluster(configuration, logger: logger)
    let database = Database(
      connectionString: configuration.databaseURL ?? cluster?.connectionString ?? "",
      cluster: cluster, logger: logger)
    let nodes = configuration.databaseURL.map { url in
      Nodes(connectionString: url, listens: configuration.listensToNodes, logger: logger)
    }
    let passwords = PasswordHasher(rounds: configuration.passwordRounds)
    var files: Files?
    do throws(OperatorError) {
      let opened = try Files(
        in: configuration.attachmentsDirectory,
        isSwept: isServer || configuration.databaseURL == nil,
        writingWith: configuration.writesFiles, store: database.store, logger: logger)
      files = opened
      try await database.open()
      let chat = Chat(
        Chat.Dependencies(
          accounts: database.store, sessions: database.store, conversations: database.store,
          search: database.store, attachments: database.store, identity: database.store,
          audit: database.store, writer: database.writer,
          passwords: passwords, tokens: TokenMint(),
          cleaners: [database.rewriter] + opened.cleaners,
          peers: nodes?.relay ?? NoPeers(), now: { .now }, uptime: { .now },
          limits: configuration.limits,
          software: "martletd/\(Martletd.version)", logger: logger), policy: configuration.policy)
      return Backend(
        chat: chat, administration: Administration(chat: chat, store: database.store),
        database: database, files: opened, nodes: nodes, passwords: passwords,
        directory: directory)
    } catch {
      await files?.close(logger: logger)
      await close(database, nodes, passwords, logger: logger)
      throw error
    }
  }

  private static func privateCluster(
    _ configuration: ServerConfiguration, logger: Logger
  ) async throws(OperatorError) -> PrivateCluster? {
    guard configuration.databaseURL == nil else { return nil }
    let cluster = try await PrivateCluster(in: configuration.dataDirectory, logger: logger)
    do throws(OperatorError) {
      try await cluster.start()
    } catch {
      // Whatever of it runs: the error to be told is the first.
      do { try await cluster.stop() } catch {}
      throw error
    }
    return cluster
  }

  /// Finishes what was begun, and closes everything.
  func close(logger: Logger) async {
    await files.close(logger: logger)
    await Self.close(database, nodes, passwords, logger: logger)
    directory.release()
  }

  private static func close(
    _ database: Database, _ nodes: Nodes?, _ passwords: PasswordHasher, logger: Logger
  ) async {
    // What it still commits is told before this node says goodbye.
    await database.writer.close()
    await nodes?.close()
    await database.close()
    do {
      try await passwords.close()
    } catch {
      logger.warning("the password threads did not stop", metadata: ["cause": "\(error)"])
    }
  }
}
