import NIOCore
import NIOHTTP1

/// Lets only those requests ask for an upgrade that will get it; any other is answered like plain
/// HTTP.
///
/// NIO's upgrade handler swallows the head of a request whose upgrade is refused, after which nobody
/// could answer it. This handler stands before it, looks at the one head of a connection, and leaves.
final class UpgradeGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else {
      context.fireChannelRead(data)
      return
    }
    if !Self.isForUs(head) { head.headers.remove(name: "Upgrade") }
    context.fireChannelRead(wrapInboundOut(.head(head)))
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }

  /// What is no HTTP, or more of it than is read, has been answered with 400: nothing else will come of it.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  /// RFC 6455, section 4.2.1, and what Martlet wants beyond.
  private static func isForUs(_ head: HTTPRequestHead) -> Bool {
    let values = { (name: String) in
      head.headers[canonicalForm: name].map { $0.lowercased() }
    }
    return head.method == .GET
      && head.uri.prefix { $0 != "?" } == WebSocketRoute.path
      && values("upgrade") == ["websocket"]
      && values("connection").contains("upgrade")
      && values("sec-websocket-version") == [WebSocketRoute.version]
      && values("sec-websocket-key").count == 1
      && values("sec-websocket-protocol").contains(WebSocketRoute.subprotocol)
  }
}
