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
  /// Where the files of attachments are.
  var attachmentsDirectory: String
  /// `nil` for a private cluster in the data directory.
  var databaseURL: String?
  var allowsPlaintext = false
  /// Who is believed about whom it asks for.
  var proxies = TrustedProxies()
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
  /// Whether nodes are woken by notifications; tests do without.
  var listensToNodes = true
  /// How bytes get into files; tests fill the disk.
  var writesFiles: OpenFile.Write = { pwrite($0, $1, $2, $3) }

  init(dataDirectory: String) {
    self.dataDirectory = dataDirectory
    attachmentsDirectory = dataDirectory + "/attachments"
  }
}

/// A running server: a ``Backend`` and its sockets, made whole by ``start(_:logger:)``, ended by ``stop()``.
struct Server: Sendable {
  /// How long a stop waits for connections to finish what they have begun and to close, once all were told.
  private static let patience = Duration.seconds(5)

  /// Where it listens, with the port that the system chose if none was asked for.
  let address: ListenAddress

  /// Where it tells what is measured, likewise.
  var metricsAddress: ListenAddress? { metrics?.address }

  private let backend: Backend
  private let connections: Connections
  private let listener: Listener
  private let metrics: MetricsListener?
  private let control: ControlSocket
  private let tls: ServerTLS?
  private let group: MultiThreadedEventLoopGroup
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
      if let address = configuration.metricsListen {
        try await Listener.check(
          address, as: .metricsListen, allowingPlaintext: true, group: group)
      }
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
    let backend = try await Backend.start(configuration, logger: logger)
    let (chat, database) = (backend.chat, backend.database)
    var listener: Listener?
    var control: ControlSocket?
    do throws(OperatorError) {
      await backend.nodes?.enter(chat)
      let connections = Connections()
      let opened = try await Listener(
        configuration, tls: tls, chat: chat,
        attachments: backend.files.routes(for: chat, logger: logger), connections: connections,
        readiness: { await database.readiness }, group: group,
        logger: logger)
      listener = opened
      let socket = try await ControlSocket(
        in: configuration.dataDirectory, for: backend.administration, group: group, logger: logger)
      control = socket
      let gauges = Gauges(chat: chat, connections: connections, database: database)
      let metrics = try await MetricsListener(configuration, gauges: gauges, group: group)
      return Server(
        address: opened.address ?? configuration.listen, backend: backend,
        connections: connections, listener: opened, metrics: metrics, control: socket, tls: tls,
        group: group, logger: logger)
    } catch {
      await control?.close()
      await listener?.close()
      await backend.close(logger: logger)
      throw error
    }
  }

  /// Looks after the database and the other nodes until cancelled.
  ///
  /// - Throws: ``OperatorError`` when the server cannot go on.
  func run() async throws(OperatorError) {
    let result = await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await backend.nodes?.run(backend.chat) { await connections.restart() }
      }
      defer { group.cancelAll() }
      return await attempt { () async throws(OperatorError) in try await watchDatabase() }
    }
    try result.get()
  }

  private func watchDatabase() async throws(OperatorError) {
    try await backend.database.watch {
      // In this order: who says hello from here on hears of the new epoch.
      backend.chat.forgetDatabase()
      if let nodes = backend.nodes {
        // Once others know this node again, it has its clients begin again: else they would twice.
        nodes.reset()
      } else {
        await connections.restart()
      }
    } onMutes: { mutes in
      backend.chat.mute(mutes)
    }
  }

  /// Takes what an operator has changed, and reads certificate and key again; connections that there are keep
  /// theirs.
  func reload(_ policy: Chat.Policy) {
    backend.chat.policy = policy
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
    await control.close()
    await connections.drain()
    await connections.waitUntilIdle(atMost: Self.patience)
    await backend.close(logger: logger)
    await Self.shutDown(group, logger: logger)
    logger.notice("stopped")
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
