import Logging
import NIOCore

/// Looks at the first byte of a connection: whoever speaks HTTP to a port with TLS is told so, and
/// TLS on a plain port is at least written down. Then it leaves.
final class TransportSniffer: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What a TLS connection begins with: a record of type `handshake` (RFC 8446, section 5.1).
  private static let handshakeRecord: UInt8 = 22
  /// RFC 2817, section 4.2, has the status for it. It says what to do, and nothing of the server.
  private static let advice = {
    let text = "This port speaks TLS only: use wss:// or https://.\n"
    return "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\n"
      + "Connection: Upgrade, close\r\nContent-Type: text/plain; charset=utf-8\r\n"
      + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)"
  }()

  private let expectsTLS: Bool
  private let logger: Logger
  private var isRefused = false

  init(expectsTLS: Bool, logger: Logger) {
    self.expectsTLS = expectsTLS
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefused, let first = unwrapInboundIn(data).readableBytesView.first else { return }
    guard (first == Self.handshakeRecord) != expectsTLS else {
      context.fireChannelRead(data)
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
      return
    }
    isRefused = true
    guard expectsTLS else {
      logger.debug("a client speaks TLS, and this port does not")
      return context.close(promise: nil)
    }
    logger.debug("a client does not speak TLS, and this port speaks nothing else")
    let channel = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.advice)))
      .whenComplete { _ in channel.value.close(promise: nil) }
  }
}
