import FoundationEssentials
public import MartletClient
public import MartletProtocol
import NIOCore
import NIOHTTP1
import NIOPosix
public import NIOWebSocket

/// A WebSocket server on loopback that does what the test says, frame by frame.
public final class ScriptedServer: Sendable {
  public let address: ServerAddress
  private let listener: any Channel
  private let peers: PeerQueue

  deinit { listener.close(promise: nil) }

  /// - Parameter subprotocol: What it answers to the handshake; `nil` for a server of something else.
  public init(subprotocol: String? = "martlet.v1") async throws {
    let peers = PeerQueue()
    self.peers = peers
    listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let upgrader = NIOTypedWebSocketServerUpgrader<Void>(
            shouldUpgrade: { channel, head in
              var headers = HTTPHeaders()
              guard head.uri == "/v1/socket",
                head.headers["Sec-WebSocket-Protocol"] == ["martlet.v1"]
              else { return channel.eventLoop.makeSucceededFuture(nil) }
              if let subprotocol {
                headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol)
              }
              return channel.eventLoop.makeSucceededFuture(headers)
            },
            upgradePipelineHandler: { channel, _ in
              channel.eventLoop.makeCompletedFuture {
                let (frames, feed) = AsyncStream<WebSocketFrame>.makeStream()
                try channel.pipeline.syncOperations.addHandler(FrameCollector(feed: feed))
                peers.add(Peer(channel: channel, frames: frames))
              }
            })
          _ = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: .init(
              upgradeConfiguration: .init(
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                  channel.close()
                })))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    guard let port = listener.localAddress?.port else { throw Failure("no port") }
    address = try ServerAddress(host: "127.0.0.1", port: port)
  }

  /// The next connection that was made.
  public func accept() async throws -> Peer {
    guard let peer = await peers.next() else { throw Failure("nobody connects") }
    return peer
  }
}

/// The server's side of one connection.
public actor Peer {
  private nonisolated let channel: any Channel
  private var frames: AsyncStream<WebSocketFrame>.Iterator

  init(channel: any Channel, frames: AsyncStream<WebSocketFrame>) {
    self.channel = channel
    self.frames = frames.makeAsyncIterator()
  }

  /// The next frame; `nil` when the client is gone.
  public func frame() async -> WebSocketFrame? {
    // The iterator of a stream may not be used across suspensions of an actor that others enter; a
    // script is one task.
    nonisolated(unsafe) var iterator = frames
    return await iterator.next()
  }

  /// The next request, which must be one.
  public func request() async throws -> (id: RequestID?, request: ClientRequest) {
    guard let frame = await frame(), frame.opcode == .text, frame.maskKey != nil else {
      throw Failure("the client sends no request")
    }
    let incoming = IncomingRequest(frame: Data(frame.unmaskedData.readableBytesView))
    return (incoming.id, try incoming.request.get())
  }

  /// The status of the close frame that must come next.
  public func closeCode() async throws -> UInt16 {
    guard let frame = await frame(), frame.opcode == .connectionClose else {
      throw Failure("the client does not close")
    }
    let data = frame.unmaskedData
    guard let code = data.getInteger(at: data.readerIndex, as: UInt16.self) else {
      throw Failure("the client closes without a status")
    }
    return code
  }

  /// Writes bytes past the encoder of frames, whatever they are.
  public nonisolated func send(raw bytes: [UInt8]) {
    channel.pipeline.context(handlerType: WebSocketFrameEncoder.self).whenSuccess { context in
      context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
    }
  }

  public nonisolated func send(_ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true) {
    channel.writeAndFlush(
      WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(bytes: bytes)), promise: nil)
  }

  public nonisolated func send(text: String) { send(.text, Array(text.utf8)) }

  public nonisolated func push(_ push: some PushMessage) {
    send(.text, Array(WireCodec.encode(push)))
  }

  public nonisolated func reply(_ reply: some Encodable, to id: RequestID?) throws {
    guard let id else { throw Failure("a reply to a notification") }
    send(.text, Array(WireCodec.encodeReply(reply, to: id)))
  }

  public nonisolated func refuse(_ error: RPCError, _ id: RequestID?) {
    send(.text, Array(WireCodec.encodeFailure(error, to: id)))
  }

  public nonisolated func close(_ code: UInt16) {
    send(.connectionClose, [UInt8(code >> 8), UInt8(code & 0xFF)])
  }

  /// Cuts the connection as a dying process does.
  public nonisolated func drop() { channel.close(promise: nil) }

  /// Answers the hello, which must come next.
  public func greet(serverID: String = "test", version: Int = 1, epoch: Int64 = 1) async throws {
    let (id, request) = try await request()
    guard case .hello = request else { throw Unexpected(request: request) }
    try self.reply(
      Fixture.greeting(serverID: serverID, version: version, epoch: epoch), to: id)
  }
}

/// The client asked for something that the script does not expect.
public struct Unexpected: Error {
  public let request: ClientRequest

  public init(request: ClientRequest) { self.request = request }
}

/// What the scripts speak of.
public enum Fixture {
  public static let alice = User(id: UserID(1), name: "alice")
  public static let bob = User(id: UserID(2), name: "李雷")
  public static let token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

  public static func greeting(
    serverID: String = "test", version: Int = 1, epoch: Int64 = 1
  ) -> Hello.Reply {
    Hello.Reply(
      protocol: version, server: "scripted/1", serverID: serverID, epoch: epoch,
      time: Timestamp(milliseconds: 0), limits: Limits())
  }

  public static let login = Login.Reply(token: token, session: SessionID(7), user: alice)
  public static let resume = Resume.Reply(session: SessionID(7), user: alice, behind: [])

  public static func presence(online: Bool) -> PresencePush {
    PresencePush(user: bob, online: online, lastSeen: nil)
  }
}

private final class PeerQueue: Sendable {
  private let stream: AsyncStream<Peer>
  private let feed: AsyncStream<Peer>.Continuation

  init() { (stream, feed) = AsyncStream.makeStream() }

  func add(_ peer: Peer) { feed.yield(peer) }

  func next() async -> Peer? {
    for await peer in stream { return peer }
    return nil
  }
}

private final class FrameCollector: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame

  private let feed: AsyncStream<WebSocketFrame>.Continuation

  init(feed: AsyncStream<WebSocketFrame>.Continuation) { self.feed = feed }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    feed.yield(Self.unwrapInboundIn(data))
  }

  func channelInactive(context: ChannelHandlerContext) { feed.finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { feed.finish() }
}
