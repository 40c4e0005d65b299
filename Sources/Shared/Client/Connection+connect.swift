public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

extension Connection {
  /// Connects to a server. Say ``hello(_:)`` next.
  ///
  /// - Parameters:
  ///   - onPush: Takes the pushes.
  ///   - group: The threads to run on; NIO's own by default.
  /// - Throws: ``ClientError/unreachable(_:)`` in words for people, ``ClientError/wrongTransport(_:)``,
  ///   ``ClientError/untrusted(_:)``, ``ClientError/cancelled``.
  public static func connect(
    to address: ServerAddress, options: ConnectionOptions = ConnectionOptions(),
    group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup,
    onPush: @escaping PushHandler
  ) async throws(ClientError) -> Connection {
    // One per address of the host, as they are tried.
    let attempts = Attempts()
    do {
      return try await withTaskCancellationHandler {
        try await upgradedConnection(
          to: address, options: options, group: group, attempts: attempts, onPush: onPush)
      } onCancel: {
        attempts.giveUp()
      }
    } catch {
      guard !Task.isCancelled else { throw .cancelled }
      switch error {
      case let server as UntrustedServer: throw .untrusted(server)
      case is TLSHandshake.Failed, HandshakeError.needsTLS: throw .wrongTransport(address)
      default: throw .unreachable(words(for: error, address: address))
      }
    }
  }

  private static func upgradedConnection(
    to address: ServerAddress, options: ConnectionOptions, group: any EventLoopGroup,
    attempts: Attempts, onPush: @escaping PushHandler
  ) async throws -> Connection {
    let timeout = TimeAmount(options.connectTimeout)
    let upgrade = try await ClientBootstrap(group: group)
      .connectTimeout(timeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: address.host, port: address.port) { channel in
        attempts.begin(channel)
        return channel.eventLoop.makeCompletedFuture {
          let secured = try TLSHandshake.begin(on: channel, to: address, policy: options.tls)
          let pipeline = channel.pipeline.syncOperations
          let answer = UpgradeAnswer()
          let upgrade = try pipeline.configureUpgradableHTTPClientPipeline(
            configuration: handshake(with: address, answer, options: options, onPush: onPush))
          try pipeline.addHandler(
            answer,
            position: .before(
              try pipeline.handler(type: NIOTypedHTTPClientUpgradeHandler<Connection>.self)))
          let watch = channel.eventLoop.scheduleTask(in: timeout) {
            channel.pipeline.fireErrorCaught(HandshakeError.timedOut)
            channel.close(promise: nil)
          }
          upgrade.whenComplete { _ in watch.cancel() }
          return secured.flatMap { upgrade }
        }
      }
    return try await upgrade.get()
  }

  /// The sockets of one attempt to connect, to be closed when it is given up.
  private final class Attempts: Sendable {
    private let state = Mutex<(channels: [any Channel], isGivenUp: Bool)>(([], false))

    func begin(_ channel: any Channel) {
      let isTooLate = state.withLock { state in
        state.channels.append(channel)
        return state.isGivenUp
      }
      if isTooLate { channel.close(promise: nil) }
    }

    func giveUp() {
      let channels = state.withLock { state in
        state.isGivenUp = true
        return state.channels
      }
      for channel in channels { channel.close(promise: nil) }
    }
  }

  private enum HandshakeError: Error {
    case timedOut
    case notMartlet
    case needsTLS
  }

  private static func handshake(
    with address: ServerAddress, _ answer: UpgradeAnswer, options: ConnectionOptions,
    onPush: @escaping PushHandler
  ) -> NIOUpgradableHTTPClientPipelineConfiguration<Connection> {
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: ServerAddress.socketPath)
    head.headers.add(name: "Host", value: address.authority)
    head.headers.add(name: "Sec-WebSocket-Protocol", value: ServerAddress.subprotocol)

    let upgrader = NIOTypedWebSocketClientUpgrader<Connection>(
      maxFrameSize: options.maximumFrameBytes,
      // The handler answers errors itself, so that there is one place which decides how it ends.
      enableAutomaticErrorHandling: false
    ) { channel, response in
      channel.eventLoop.makeCompletedFuture {
        guard response.headers["Sec-WebSocket-Protocol"] == [ServerAddress.subprotocol] else {
          throw HandshakeError.notMartlet
        }
        let closed = channel.eventLoop.makePromise(of: CloseReason.self)
        let handler = ConnectionHandler(options: options, closed: closed, onPush: onPush)
        do {
          try channel.pipeline.syncOperations.addHandlers([
            NIOWebSocketFrameAggregator(
              minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 1024,
              maxAccumulatedFrameSize: options.maximumFrameBytes),
            handler,
          ])
        } catch {
          // The socket went away meanwhile; NIO wants every promise kept.
          closed.fail(error)
          throw error
        }
        return Connection(
          eventLoop: channel.eventLoop,
          handler: NIOLoopBound(handler, eventLoop: channel.eventLoop),
          ended: closed.futureResult)
      }
    }
    var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
      upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
        upgradeRequestHead: head, upgraders: [upgrader],
        notUpgradingCompletionHandler: { channel in
          channel.close(promise: nil)
          return channel.eventLoop.makeFailedFuture(
            answer.wantsTLS ? HandshakeError.needsTLS : .notMartlet)
        }))
    // The server's first frame may come in one piece with the answer to the handshake.
    configuration.leftOverBytesStrategy = .forwardBytes
    configuration.decoderConfiguration.maxHeaderListSize = 16 * 1024
    configuration.decoderConfiguration.maxHeaderFieldSize = 8 * 1024
    configuration.decoderConfiguration.maxHeaderFieldCount = 64
    return configuration
  }

  private static func words(for error: any Error, address: ServerAddress) -> String {
    switch error {
    case let error as NIOConnectionError:
      if error.connectionErrors.isEmpty {
        return "There is no host named \(address.host)."
      }
      let timedOut = error.connectionErrors.allSatisfy { attempt in
        if case .connectTimeout? = attempt.error as? ChannelError { true } else { false }
      }
      return timedOut
        ? "\(address) does not answer." : "Nothing listens at \(address)."
    case ChannelError.connectTimeout, HandshakeError.timedOut:
      return "\(address) does not answer."
    case let error as TLSPolicy.UnusableRoots: return error.description
    default: return "What listens at \(address) is not a Martlet server."
    }
  }
}
