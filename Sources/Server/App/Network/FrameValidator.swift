import MartletProtocol
import NIOCore
import NIOWebSocket

/// Refuses what RFC 6455 forbids clients and NIOWebSocket lets pass: frames without a mask, with
/// reserved bits, or with an unknown opcode.
final class FrameValidator: ChannelInboundHandler, Sendable {
  typealias InboundIn = WebSocketFrame
  typealias InboundOut = WebSocketFrame

  /// A frame broke the protocol.
  struct Violation: Error {
    let code: CloseCode
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
      context.fireErrorCaught(Violation(code: .protocolError))
      return
    }
    switch frame.opcode {
    case .text, .binary, .continuation, .ping, .pong, .connectionClose:
      context.fireChannelRead(data)
    default:
      context.fireErrorCaught(Violation(code: .protocolError))
    }
  }
}
