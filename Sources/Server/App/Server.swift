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
  /// Whether a proxy on this machine is believed about whom it asks for.
  var trustsProxy = false
  /// `nil` to speak without TLS.
  var tls: TLSFiles?
  /// How many connections there may be, in all and from one address.
  var cap = ConnectionCap(
    total: ConnectionCap.usualTotal, perAddress: ConnectionCap.usualPerAddress)
  var passwordRounds = PasswordHasher.recommendedRounds
  var limits = Limits()
  var policy = Chat.Policy()
  /// Where what is measured is told, and what keeps it; `nil` for nowhere.
  var metricsListen: ListenAddress?
  var metrics: PrometheusRegistry?
  /// How bytes get into files; tests fill the disk.
  var writesFiles: OpenFile.Write = { pwrite($0, $1, $2, $3) }
}

/// A running server: made whole by ``start(_:logger:)``, ended by ``stop()``.
struct Server: Sendable {
  /// How long a stop waits for connections to finish what they have begun and to close, once all were told.
  private static let patience = Duration.seconds(5)

  /// Where it listens, with the port that the system chose if none was asked for.
  let address: ListenAddress

  /// Where it tells what is measured, likewise.
  var metricsAddress: ListenAddress? { metrics?.address }

  private let chat: Chat
  private let connections: Connections
  private let database: Database
  private let listener: Listener
  private let metrics: MetricsListener?
  private let tls: ServerTLS?
  private let group: MultiThreadedEventLoopGroup
  private let passwords: PasswordHasher
  private let files: Files
  private let directory: DataDirectory
  private let logger: Logger

  /// Wires everything and starts it.
  ///
  /// - Throws: ``OperatorError``; nothing half-started remains then.
  static func start(
    _ configuration: ServerConfiguration, logger: Logger
  ) async throws(OperatorError) -> Server {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    do throws(OperatorError) {
      var tls: ServerTLS?
      if let files = configuration.tls { tls = try ServerTLS(files, logger: logger) }
      try await Listener.check(
        configuration.listen, allowingPlaintext: configuration.allowsPlaintext || tls != nil,
        group: group)
      return try await start(configuration, tls: tls, group: group, logger: logger)
    } catch {
      await shutDown(group, logger: logger)
      throw error
    }
  }

  private static func start(
    _ configuration: ServerConfiguration, tls: ServerTLS?, group: MultiThreadedEventLoopGroup,
    logger: Logger
  ) async throws(OperatorError) -> Server {
    let directory = try DataDirectory(path: configuration.dataDirectory)
    var cluster: PrivateCluster?
    if configuration.databaseURL == nil {
      cluster = try await PrivateCluster(in: configuration.dataDirectory, logger: logger)
      do throws(OperatorError) {
        try await cluster?.start()
      } catch {
        // Whatever of it runs: the error to be told is the first.
        do { try await cluster?.stop() } catch {}
        throw error
      }
    }
    let database = Database(
      connectionString: configuration.databaseURL ?? cluster?.connectionString ?? "",
      cluster: cluster, logger: logger)
    let passwords = PasswordHasher(rounds: configuration.passwordRounds)
    var files: Files?
    do throws(OperatorError) {
      let opened = try Files(
        in: configuration.dataDirectory, writingWith: configuration.writesFiles,
        store: database.store, logger: logger)
      files = opened
      try database.open()
      let chat = Chat(
        Chat.Dependencies(
          accounts: database.store, sessions: database.store, conversations: database.store,
          search: database.store, attachments: database.store, identity: database.store,
          writer: database.writer,
          passwords: passwords, tokens: TokenMint(), cleaners: [database.rewriter, opened.sweeper],
          now: { .now }, uptime: { .now }, limits: configuration.limits,
          software: "martletd/\(Martletd.version)", logger: logger), policy: configuration.policy)
      let connections = Connections()
      let listener = try await Listener(
        configuration, tls: tls, chat: chat,
        attachments: opened.routes(for: chat, logger: logger), connections: connections,
        readiness: { await database.readiness }, group: group,
        logger: logger)
      let gauges = Gauges(chat: chat, connections: connections, database: database)
      let metrics: MetricsListener?
      do throws(OperatorError) {
        metrics = try await MetricsListener(configuration, gauges: gauges, group: group)
      } catch {
        await listener.close()
        throw error
      }
      return Server(
        address: listener.address ?? configuration.listen, chat: chat, connections: connections,
        database: database, listener: listener, metrics: metrics, tls: tls, group: group,
        passwords: passwords,
        files: opened, directory: directory, logger: logger)
    } catch {
      await files?.close(logger: logger)
      await close(database, passwords, logger: logger)
      throw error
    }
  }

  /// Looks after the database until cancelled.
  ///
  /// - Throws: ``OperatorError`` when the server cannot go on.
  func run() async throws(OperatorError) {
    try await database.watch {
      // In this order: who says hello from here on hears of the new epoch.
      chat.forgetDatabase()
      await connections.restart()
    }
  }

  /// Takes what an operator has changed, and reads certificate and key again; connections that there are keep
  /// theirs.
  func reload(_ policy: Chat.Policy) {
    chat.policy = policy
    tls?.reload()
  }

  /// Waits until each event loop has done something: one that hangs keeps whoever waits.
  func waitForEventLoops() async {
    for eventLoop in group.makeIterator() {
      // It fails only once the loops are stopped.
      do { try await eventLoop.submit {}.get() } catch {}
    }
  }

  /// Stops accepting, tells clients, finishes what was begun, and closes everything.
  func stop() async {
    logger.notice("stopping")
    await listener.close()
    await metrics?.close()
    await connections.drain()
    await connections.waitUntilIdle(atMost: Self.patience)
    await files.close(logger: logger)
    await Self.close(database, passwords, logger: logger)
    await Self.shutDown(group, logger: logger)
    directory.release()
    logger.notice("stopped")
  }

  private static func close(
    _ database: Database, _ passwords: PasswordHasher, logger: Logger
  ) async {
    await database.close()
    do {
      try await passwords.close()
    } catch {
      logger.warning("the password threads did not stop", metadata: ["cause": "\(error)"])
    }
  }

  private static func shutDown(_ group: MultiThreadedEventLoopGroup, logger: Logger) async {
    do {
      try await group.shutdownGracefully()
    } catch {
      logger.warning("the event loops did not stop", metadata: ["cause": "\(error)"])
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
