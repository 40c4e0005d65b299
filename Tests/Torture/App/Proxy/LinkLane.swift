import NIOCore

/// One direction of a ``LinkPair``. It holds what one read brought, and reads the next when that has
/// gone, so that whoever sends is slowed down as by a slow network.
final class LinkLane: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let pair: NIOLoopBound<LinkPair>
  private let isUp: Bool
  private var chunk: (bytes: ByteBuffer, due: NIODeadline)?
  private var isWriting = false
  private var source: (any Channel)?
  private var hasEnded = false
  /// Where the bytes go, once there is a connection.
  var destination: (any Channel)?

  init(pair: NIOLoopBound<LinkPair>, isUp: Bool) {
    self.pair = pair
    self.isUp = isUp
  }

  func handlerAdded(context: ChannelHandlerContext) { source = context.channel }

  /// Lets the first bytes come.
  func begin() { source?.read() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let link = pair.value.link
    guard !link.swallows else { return context.channel.read() }
    var bytes = unwrapInboundIn(data)
    // One read may bring several pieces.
    if chunk?.bytes.writeBuffer(&bytes) == nil {
      chunk = (bytes, .now() + TimeAmount(link.delay))
    }
    proceed()
  }

  func channelInactive(context: ChannelHandlerContext) {
    hasEnded = true
    proceed()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A reset on one side is one on the other, unless nothing passes.
    if !pair.value.link.swallows { pair.value.reset() }
  }

  /// Passes on what may pass now.
  func proceed() {
    let link = pair.value.link
    guard let destination, let source, !isWriting, !(isUp ? link.holdsUp : link.holdsDown) else {
      return
    }
    guard let (bytes, due) = chunk else {
      // What comes from the network is its end, too; one that swallows hides it.
      if hasEnded, !link.swallows { pair.value.end(destination) }
      return
    }
    let lane = NIOLoopBound(self, eventLoop: source.eventLoop)
    guard due <= .now() else {
      source.eventLoop.scheduleTask(deadline: due) { lane.value.proceed() }
      return
    }
    chunk = nil
    isWriting = true
    let pause = link.bytesPerSecond.map { bytes.readableBytes * 1_000_000 / max(1, $0) } ?? 0
    destination.writeAndFlush(bytes).whenComplete { _ in
      source.eventLoop.scheduleTask(in: .microseconds(Int64(pause))) {
        lane.value.isWriting = false
        source.read()
        lane.value.proceed()
      }
    }
  }
}
