import FoundationEssentials
import Glibc
import Logging
import MartletProtocol
import NIOCore
import NIOPosix
import ServerCore

/// What an operator may set.
struct ServerConfiguration: Sendable {
  var listen = ListenAddress(host: "127.0.0.1", port: ListenAddress.usualPort)
  var dataDirectory: String
  /// `nil` for a private cluster in the data directory.
  var databaseURL: String?
  var allowsPlaintext = false
  var passwordRounds = PasswordHasher.recommendedRounds
  var limits = Limits()
}

/// A running server: made whole by ``start(_:logger:)``, ended by ``stop()``.
struct Server: Sendable {
  /// How long clients are asked to wait before they come back after a stop, in milliseconds.
  private static let comeBackAfter = 1000

  /// Where it listens, with the port that the system chose if none was asked for.
  let address: ListenAddress

  private let chat: Chat
  private let database: Database
  private let listener: Listener
  private let group: MultiThreadedEventLoopGroup
  private let passwords: PasswordHasher
  private let directory: DataDirectory
  private let logger: Logger

  /// Wires everything and starts it.
  ///
  /// - Throws: ``OperatorError``; nothing half-started remains then.
  static func start(
    _ configuration: ServerConfiguration, logger: Logger
  ) async throws(OperatorError) -> Server {
    let directory = try DataDirectory(path: configuration.dataDirectory)
    var cluster: PrivateCluster?
    if configuration.databaseURL == nil {
      cluster = try await PrivateCluster(in: configuration.dataDirectory, logger: logger)
      try await cluster?.start()
    }
    let database = Database(
      connectionString: configuration.databaseURL ?? cluster?.connectionString ?? "",
      cluster: cluster, logger: logger)
    let passwords = PasswordHasher(rounds: configuration.passwordRounds)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    do {
      try database.open()
      let chat = Chat(
        Chat.Dependencies(
          accounts: database.store, sessions: database.store, conversations: database.store,
          identity: database.store, writer: database.writer, passwords: passwords,
          tokens: TokenMint(), now: { .now }, limits: configuration.limits,
          software: "martletd/\(Martletd.version)", logger: logger))
      let listener = try await Listener(
        on: configuration.listen, allowingPlaintext: configuration.allowsPlaintext, chat: chat,
        readiness: { await database.isReady() ? nil : "the database is away" }, group: group,
        logger: logger)
      return Server(
        address: listener.address ?? configuration.listen, chat: chat, database: database,
        listener: listener,
        group: group, passwords: passwords, directory: directory, logger: logger)
    } catch {
      await close(database, passwords, group, logger: logger)
      throw error
    }
  }

  /// Looks after the database until cancelled.
  ///
  /// - Throws: ``OperatorError`` when the server cannot go on.
  func run() async throws(OperatorError) {
    try await database.watch()
  }

  /// Stops accepting, tells clients, commits what is queued, and closes everything.
  func stop() async {
    logger.notice("stopping")
    await listener.close()
    chat.hub.deliverToAll(
      OutgoingPush(DrainingPush(retryAfter: Self.comeBackAfter)))
    chat.hub.closeAll(.restarting)
    await Self.close(database, passwords, group, logger: logger)
    logger.notice("stopped")
  }

  private static func close(
    _ database: Database, _ passwords: PasswordHasher, _ group: MultiThreadedEventLoopGroup,
    logger: Logger
  ) async {
    await database.close()
    do {
      try await passwords.close()
      try await group.shutdownGracefully()
    } catch {
      logger.warning("threads did not stop", metadata: ["cause": "\(error)"])
    }
  }
}

extension Timestamp {
  /// The system's clock.
  static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
