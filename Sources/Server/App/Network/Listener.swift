import Glibc
import Logging
import MartletProtocol
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import ServerCore

/// The one port: WebSocket on ``WebSocketRoute/path``, plain HTTP beside it, both with TLS or both
/// without.
struct Listener: Sendable {
  /// How long a connection may take to send its HTTP request, the handshake of TLS included.
  static let requestDeadline = TimeAmount.seconds(5)

  private let channel: any Channel

  /// The address it listens on, with the port the system chose if none was asked for.
  var address: ListenAddress? { channel.localAddress.flatMap(ListenAddress.init) }

  /// Binds and starts accepting.
  ///
  /// - Throws: ``OperatorError`` when the address cannot be had.
  init(
    _ configuration: ServerConfiguration, tls: ServerTLS?, chat: Chat,
    attachments: AttachmentRoutes, connections: Connections,
    readiness: @escaping HTTPHandler.Readiness, group: any EventLoopGroup, logger: Logger
  ) async throws(OperatorError) {
    let admission = Admission(
      configuration.cap, proxies: configuration.proxies, logger: logger)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 * 1024, high: 64 * 1024))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          // NIO closes whom this does not let in.
          let (origin, isTrusted) = try admission.admit(channel)
          try Self.initialize(
            channel, from: origin, tls: tls, trustingProxy: isTrusted, chat: chat,
            attachments: attachments,
            connections: connections, readiness: readiness, logger: logger)
        }
      }
    channel = try await Self.bind(
      bootstrap, to: configuration.listen,
      allowingPlaintext: configuration.allowsPlaintext || tls != nil)
  }

  /// Finds out whether an address can be had, before anything is made for a server that cannot
  /// have it.
  ///
  /// - Throws: ``OperatorError`` when it cannot.
  static func check(
    _ address: ListenAddress, as setting: Setting = .listen, allowingPlaintext: Bool,
    group: any EventLoopGroup
  ) async throws(OperatorError) {
    let channel = try await bind(
      ServerBootstrap(group: group), to: address, as: setting,
      allowingPlaintext: allowingPlaintext)
    // It fails only when it is closed already.
    do { try await channel.close() } catch {}
  }

  /// Where that is.
  ///
  /// - Throws: ``OperatorError`` where it is nowhere, or passwords would pass in the clear.
  static func resolve(
    _ address: ListenAddress, allowingPlaintext: Bool
  ) throws(OperatorError) -> SocketAddress {
    let target: SocketAddress
    do {
      target = try SocketAddress.makeAddressResolvingHost(address.host, port: address.port)
    } catch {
      throw OperatorError("Cannot listen on \(address): there is no such host.")
    }
    guard target.isLoopback || allowingPlaintext else {
      throw OperatorError(
        "Listening on \(address) would let others read passwords and messages on their way; "
          + "give --tls-certificate and --tls-key, listen on 127.0.0.1 behind a proxy that ends "
          + "TLS, or say --allow-plaintext.")
    }
    return target
  }

  static func bind(
    _ bootstrap: ServerBootstrap, to address: ListenAddress, as setting: Setting = .listen,
    allowingPlaintext: Bool
  ) async throws(OperatorError) -> any Channel {
    let target = try resolve(address, allowingPlaintext: allowingPlaintext)
    do {
      return try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .bind(to: target).get()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw OperatorError(
        "Something else listens on \(address); stop it, or choose another --\(setting.rawValue).")
    } catch let error as IOError {
      throw OperatorError(
        "Cannot listen on \(address): \(String(cString: strerror(error.errnoCode))).")
    } catch {
      throw OperatorError("Cannot listen on \(address): \(error).")
    }
  }

  /// Stops accepting.
  func close() async {
    // It fails only when it is closed already.
    do { try await channel.close() } catch {}
  }

  /// What nginx and Apache take, about: far more than any request has that is answered here.
  static let headerLimits = {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 8 * 1024
    limits.maxHeaderListSize = 32 * 1024
    limits.maxHeaderFieldCount = 100
    return limits
  }()

  private static func initialize(
    _ channel: any Channel, from origin: Origin, tls: ServerTLS?, trustingProxy: Bool, chat: Chat,
    attachments: AttachmentRoutes, connections: Connections,
    readiness: @escaping HTTPHandler.Readiness, logger: Logger
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(TransportSniffer(expectsTLS: tls != nil, logger: logger))
    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls.context)) }
    let deadline = channel.eventLoop.scheduleTask(in: requestDeadline) {
      channel.close(promise: nil)
    }
    let upgrader = NIOTypedWebSocketServerUpgrader<Void>(
      maxFrameSize: chat.limits.frameBytes,
      // NIO's own would close the socket at once, with bytes unread: the reset that follows may
      // overtake the close frame.
      enableAutomaticErrorHandling: false,
      shouldUpgrade: { channel, head in
        // The gate lets no other request get here.
        channel.eventLoop.makeSucceededFuture([
          "Sec-WebSocket-Protocol": WebSocketRoute.subprotocol
        ])
      },
      upgradePipelineHandler: { channel, head in
        deadline.cancel()
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([
            FrameValidator(),
            NIOWebSocketFrameAggregator(
              minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 128,
              maxAccumulatedFrameSize: chat.limits.frameBytes),
            ConnectionHandler(
              chat: chat, channel: channel,
              origin: Origin(of: head, from: origin, trustingProxy: trustingProxy),
              connections: connections, logger: logger),
          ])
        }
      })
    var configuration = NIOUpgradableHTTPServerPipelineConfiguration<Void>(
      upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
        upgraders: [upgrader],
        notUpgradingCompletionHandler: { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              HTTPHandler(
                readiness: readiness, service: .chat(attachments), connections: connections,
                deadline: deadline))
          }
        }))
    configuration.enablePipelining = false
    configuration.decoderConfiguration = Self.headerLimits
    _ = try pipeline.configureUpgradableHTTPServerPipeline(configuration: configuration)
    try pipeline.addHandler(
      UpgradeGate(),
      position: .before(
        try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Void>.self)))
  }
}
