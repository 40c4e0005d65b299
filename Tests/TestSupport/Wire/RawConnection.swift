import FoundationEssentials
import NIOCore
import NIOPosix

/// A TCP connection on which anything may be written, and on whose other side a server is that
/// speaks HTTP or WebSocket.
public final class RawConnection: Sendable {
  private let channel: any Channel
  private let inbox: Inbox<[UInt8]>

  private init(channel: any Channel, inbox: Inbox<[UInt8]>) {
    self.channel = channel
    self.inbox = inbox
  }

  deinit {
    channel.close(promise: nil)
  }

  /// Connects to a port of this machine.
  ///
  /// - Parameter receiveBuffer: how much the system takes in for a reader that does not read.
  public static func connect(port: Int, receiveBuffer: Int? = nil) async throws -> RawConnection {
    let inbox = Inbox<[UInt8]>()
    var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(inbox: inbox))
        }
      }
    if let receiveBuffer {
      bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
    }
    let channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
    return RawConnection(channel: channel, inbox: inbox)
  }

  /// Whether the connection, as far as this side knows, is there.
  public var isOpen: Bool { channel.isActive }

  public func write(_ bytes: [UInt8]) {
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  /// What has arrived; `nil` after the end.
  public func read() async throws -> [UInt8]? { try await inbox.next() }

  /// Everything up to the end.
  public func readToEnd() async throws -> String {
    var bytes: [UInt8] = []
    while let more = try await read() { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Takes nothing more off the socket.
  public func stopReading() async throws {
    try await channel.setOption(.autoRead, value: false).get()
  }

  public func resumeReading() async throws {
    try await channel.setOption(.autoRead, value: true).get()
    channel.read()
  }

  /// Ends the connection without a word, as a killed process does.
  public func abort() async throws {
    try await channel.close()
  }
}

/// Hands on what arrives.
private final class Collector: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private let inbox: Inbox<[UInt8]>

  init(inbox: Inbox<[UInt8]>) {
    self.inbox = inbox
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    inbox.append(Array(buffer: unwrapInboundIn(data)))
  }

  func channelInactive(context: ChannelHandlerContext) { inbox.end() }

  // The end of the stream says enough.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
