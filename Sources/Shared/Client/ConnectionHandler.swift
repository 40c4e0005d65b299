import FoundationEssentials
import MartletProtocol
import NIOCore
import NIOWebSocket

/// Ties ``ConnectionState`` to a channel: frames in, outputs performed, timers kept. Everything
/// happens on the channel's event loop, which is what keeps replies and pushes in wire order.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let onPush: Connection.PushHandler
  private let closed: EventLoopPromise<CloseReason>
  private var state: ConnectionState
  private var context: ChannelHandlerContext?
  private var timer: (at: NIODeadline, task: Scheduled<Void>)?
  private var cause = "the server hung up"

  init(
    options: ConnectionOptions, closed: EventLoopPromise<CloseReason>,
    onPush: @escaping Connection.PushHandler
  ) {
    self.onPush = onPush
    self.closed = closed
    state = ConnectionState(options: options, now: .now())
  }

  // MARK: From the owner

  func request(_ frame: Data, id: Int64, answer: @escaping ConnectionState.Answer) {
    perform(state.request(frame, id: id, now: .now(), answer: answer))
  }

  func notify(_ frame: Data) { perform(state.notify(frame)) }

  func cancel(id: Int64) { perform(state.cancel(id: id)) }

  func greeted(limits: Limits) {
    state.greeted(limits: limits)
    schedule()
  }

  func probe() { perform(state.probe(now: .now())) }

  func close() { perform(state.close(now: .now())) }

  // MARK: From the channel

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    // Also when the channel closes while the pipeline is still being put together.
    perform(state.socketClosed(because: cause, now: .now()))
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    perform(state.socketClosed(because: cause, now: .now()))
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = Self.unwrapInboundIn(data)
    let now = NIODeadline.now()
    // RFC 6455, sections 5.1 and 5.2: a server never masks, and without extensions there are no
    // reserved bits.
    guard frame.maskKey == nil, frame.reservedBits.isEmpty else {
      return perform(state.violation(.invalidWebSocket, now: now))
    }
    var payload = frame.data
    switch frame.opcode {
    case .text:
      perform(state.received(text: Data(payload.readableBytesView), now: now))
    case .binary: perform(state.violation(.binary, now: now))
    case .ping: perform(state.received(ping: payload, now: now))
    case .pong:
      state.receivedPong(now: now)
      schedule()
    case .connectionClose:
      // RFC 6455, section 5.5.1: no payload at all, or a status and perhaps a reason.
      guard payload.readableBytes > 0 else {
        return perform(state.receivedClose(code: 1005, reason: "", now: now))
      }
      guard let code = payload.readInteger(as: UInt16.self) else {
        return perform(state.violation(.invalidWebSocket, now: now))
      }
      let reason = String(decoding: payload.readableBytesView, as: UTF8.self)
      perform(state.receivedClose(code: code, reason: reason, now: now))
    default: perform(state.violation(.invalidWebSocket, now: now))
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case NIOWebSocketError.invalidFrameLength,
      NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge,
      NIOWebSocketFrameAggregator.Error.tooManyFragments:
      perform(state.violation(.tooLarge, now: .now()))
    case is NIOWebSocketError, is NIOWebSocketFrameAggregator.Error:
      perform(state.violation(.invalidWebSocket, now: .now()))
    default:
      cause = String(describing: error)
      context.close(promise: nil)
    }
  }

  // MARK: Outputs

  private func perform(_ outputs: [ConnectionState.Output]) {
    var mustFlush = false
    for output in outputs {
      switch output {
      case .text(let data): write(.text, ByteBuffer(bytes: data), mustFlush: &mustFlush)
      case .ping: write(.ping, ByteBuffer(), mustFlush: &mustFlush)
      case .pong(let data):
        // A server that pings and does not read would have its pongs pile up here. RFC 6455, section
        // 5.5.3, wants the most recent ping answered only.
        if context?.channel.isWritable == true { write(.pong, data, mustFlush: &mustFlush) }
      case .closeFrame(let code):
        write(.connectionClose, ByteBuffer(integer: code), mustFlush: &mustFlush)
      case .push(let push):
        if !onPush(push) { perform(state.fellBehind(now: .now())) }
      case .answer(let answer, let outcome):
        if let mistake = answer(outcome) { perform(state.violation(mistake, now: .now())) }
      case .disconnect:
        context?.flush()
        mustFlush = false
        context?.close(promise: nil)
      case .ended(let reason): closed.succeed(reason)
      }
    }
    if mustFlush { context?.flush() }
    schedule()
  }

  private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, mustFlush: inout Bool) {
    let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    context?.write(Self.wrapOutboundOut(frame), promise: nil)
    mustFlush = true
  }

  /// Keeps one timer, no later than the state's next deadline. A deadline that moves back leaves the
  /// timer alone: it will find nothing to do and set itself again.
  private func schedule() {
    guard let context, let deadline = state.nextDeadline else {
      timer?.task.cancel()
      timer = nil
      return
    }
    if let timer, timer.at <= deadline { return }
    timer?.task.cancel()
    let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
      guard let self else { return }
      timer = nil
      perform(state.tick(now: .now()))
    }
    timer = (deadline, task)
  }
}
