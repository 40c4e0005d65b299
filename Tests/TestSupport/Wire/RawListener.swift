import NIOCore
import NIOPosix

/// A TCP server on loopback that says the same to whoever says anything, byte for byte, and hangs up.
public final class RawListener: Sendable {
  public let port: Int
  /// What each connection has said first.
  public let requests = Inbox<String>()
  private let listener: any Channel

  deinit { listener.close(promise: nil) }

  /// - Parameters:
  ///   - pieces: what it says, each piece written by itself.
  ///   - hangsUp: whether it closes the connection afterwards.
  public init(saying pieces: [[UInt8]], hangsUp: Bool = true) async throws {
    let requests = requests
    listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            Reciter(pieces: pieces, hangsUp: hangsUp, requests: requests))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    guard let port = listener.localAddress?.port else { throw Failure("no port") }
    self.port = port
  }

  public convenience init(saying text: String) async throws {
    try await self.init(saying: [Array(text.utf8)])
  }
}

private final class Reciter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let pieces: [[UInt8]]
  private let hangsUp: Bool
  private let requests: Inbox<String>
  private var hasSpoken = false

  init(pieces: [[UInt8]], hangsUp: Bool, requests: Inbox<String>) {
    self.pieces = pieces
    self.hangsUp = hangsUp
    self.requests = requests
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasSpoken else { return }
    hasSpoken = true
    requests.append(String(buffer: Self.unwrapInboundIn(data)))
    for piece in pieces {
      context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(bytes: piece)), promise: nil)
    }
    if hangsUp { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
