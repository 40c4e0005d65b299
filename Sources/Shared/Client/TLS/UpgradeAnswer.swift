import NIOCore
import NIOHTTP1
import Synchronization

/// Looks at what the server answers to the upgrade, which NIO does not tell, and leaves.
final class UpgradeAnswer: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = HTTPClientResponsePart

  private let state = Mutex(false)

  /// Whether it was that nothing is to be had there without TLS (RFC 2817, section 4.2).
  var wantsTLS: Bool { state.withLock { $0 } }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data), head.status == .upgradeRequired,
      head.headers[canonicalForm: "upgrade"].contains(where: { $0.uppercased().hasPrefix("TLS/") })
    {
      state.withLock { $0 = true }
    }
    context.fireChannelRead(data)
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }
}
