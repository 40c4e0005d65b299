import FoundationEssentials
import MartletProtocol
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Testing

@testable import MartletClient

/// A WebSocket server on loopback that does what the test says, frame by frame.
final class ScriptedServer: Sendable {
  let address: ServerAddress
  private let listener: any Channel
  private let peers: PeerQueue

  deinit { listener.close(promise: nil) }

  /// - Parameter subprotocol: What it answers to the handshake; `nil` for a server of something else.
  init(subprotocol: String? = "martlet.v1") async throws {
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
    address = try ServerAddress(
      host: "127.0.0.1", port: try #require(listener.localAddress?.port))
  }

  /// The next connection that was made.
  func accept() async throws -> Peer { try #require(await peers.next()) }
}

/// The server's side of one connection.
actor Peer {
  private nonisolated let channel: any Channel
  private var frames: AsyncStream<WebSocketFrame>.Iterator

  init(channel: any Channel, frames: AsyncStream<WebSocketFrame>) {
    self.channel = channel
    self.frames = frames.makeAsyncIterator()
  }

  /// The next frame; `nil` when the client is gone.
  func frame() async -> WebSocketFrame? {
    // The iterator of a stream may not be used across suspensions of an actor that others enter; a
    // script is one task.
    nonisolated(unsafe) var iterator = frames
    return await iterator.next()
  }

  /// The next request, which must be one.
  func request() async throws -> (id: RequestID?, request: ClientRequest) {
    let frame = try #require(await frame())
    try #require(frame.opcode == .text, "the client sent \(frame)")
    #expect(frame.maskKey != nil)
    let incoming = IncomingRequest(frame: Data(frame.unmaskedData.readableBytesView))
    return (incoming.id, try incoming.request.get())
  }

  /// The status of the close frame that must come next.
  func closeCode() async throws -> UInt16 {
    let frame = try #require(await frame())
    #expect(frame.opcode == .connectionClose)
    let data = frame.unmaskedData
    return try #require(data.getInteger(at: data.readerIndex))
  }

  nonisolated func send(_ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true) {
    channel.writeAndFlush(
      WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(bytes: bytes)), promise: nil)
  }

  nonisolated func send(text: String) { send(.text, Array(text.utf8)) }

  nonisolated func push(_ push: some PushMessage) { send(.text, Array(WireCodec.encode(push))) }

  nonisolated func reply(_ reply: some Encodable, to id: RequestID?) throws {
    send(.text, Array(WireCodec.encodeReply(reply, to: try #require(id))))
  }

  nonisolated func refuse(_ error: RPCError, _ id: RequestID?) {
    send(.text, Array(WireCodec.encodeFailure(error, to: id)))
  }

  nonisolated func close(_ code: UInt16) {
    send(.connectionClose, [UInt8(code >> 8), UInt8(code & 0xFF)])
  }

  /// Cuts the connection as a dying process does.
  nonisolated func drop() { channel.close(promise: nil) }

  /// Answers the hello, which must come next.
  func greet(serverID: String = "test", version: Int = 1, epoch: Int64 = 1) async throws {
    let (id, request) = try await request()
    guard case .hello = request else { throw Unexpected(request: request) }
    try self.reply(
      Fixture.greeting(serverID: serverID, version: version, epoch: epoch), to: id)
  }
}

/// The client asked for something that the script does not expect.
struct Unexpected: Error {
  let request: ClientRequest
}

/// What the scripts speak of.
enum Fixture {
  static let alice = User(id: UserID(1), name: "alice")
  static let bob = User(id: UserID(2), name: "李雷")
  static let token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

  static func greeting(
    serverID: String = "test", version: Int = 1, epoch: Int64 = 1
  ) -> Hello.Reply {
    Hello.Reply(
      protocol: version, server: "scripted/1", serverID: serverID, epoch: epoch,
      time: Timestamp(milliseconds: 0), limits: Limits())
  }

  static let login = Login.Reply(token: token, session: SessionID(7), user: alice)
  static let resume = Resume.Reply(session: SessionID(7), user: alice, behind: [])

  static func presence(online: Bool) -> PresencePush {
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
