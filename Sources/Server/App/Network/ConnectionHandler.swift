import FoundationEssentials
import Logging
import MartletProtocol
import NIOCore
import NIOFoundationEssentialsCompat
import NIOWebSocket
import ServerCore

/// One client's connection: frames in, decisions by ``SessionStateMachine``, work by ``Chat``,
/// frames out through ``ChannelMailbox``.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  let chat: Chat
  let channel: any Channel
  /// Where the other end is.
  let origin: Origin
  let connections: Connections
  let mailbox: ChannelMailbox
  var machine: SessionStateMachine
  var sends = SendLane()
  var reads = ReadLane()

  private var signInClock: SignInClock
  private var heartbeat: Heartbeat?
  private let logger: Logger

  var eventLoop: any EventLoop { channel.eventLoop }

  init(
    chat: Chat, channel: any Channel, origin: Origin, connections: Connections,
    logger: Logger
  ) {
    self.chat = chat
    self.channel = channel
    self.origin = origin
    self.connections = connections
    self.logger = logger
    mailbox = ChannelMailbox(
      channel: channel, patience: .milliseconds(Int64(chat.limits.pongMilliseconds)))
    machine = SessionStateMachine(limits: chat.limits)
    signInClock = SignInClock(
      eventLoop: channel.eventLoop,
      allowing: .milliseconds(Int64(chat.limits.signInMilliseconds)))
  }

  func handlerAdded(context: ChannelHandlerContext) {
    // One that has closed meanwhile would never say so.
    guard context.channel.isActive else { return }
    let isDraining = connections.add(self)
    heartbeat = Heartbeat(
      channel: context.channel,
      interval: .milliseconds(Int64(chat.limits.pingMilliseconds)),
      patience: .milliseconds(Int64(chat.limits.pongMilliseconds)))
    proceed()
    if isDraining { drain(comeBackAfter: .seconds(1)) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    connections.remove(self)
    context.fireChannelInactive()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      mailbox.drain()
      readNext()
    }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelMailbox.IsClosing { end() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    heartbeat?.heard()
    guard machine.state != .closed else {
      // Of a connection that is being closed, only the other side's close frame counts.
      if frame.opcode == .connectionClose { context.close(promise: nil) }
      return
    }
    switch frame.opcode {
    case .text:
      receive(frame.unmaskedData)
    case .binary:
      close(.unsupportedData)
    case .ping:
      // Pongs do not queue up for a client that reads none.
      guard context.channel.isWritable else { return }
      let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
      context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
    case .connectionClose:
      switch CloseFrame(frame) {
      case .valid(let status):
        end()
        mailbox.echoClose(status)
      case .invalid(let code):
        close(code)
      }
    case .pong, .continuation:
      break
    default:
      close(.protocolError)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What follows a frame that broke the protocol cannot be read, and need not be.
    guard machine.state != .closed else { return }
    switch error {
    case let violation as FrameValidator.Violation:
      close(violation.code)
    case NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge,
      NIOWebSocketError.invalidFrameLength:
      close(.tooLarge)
    case is NIOWebSocketFrameAggregator.Error, is NIOWebSocketError:
      close(.protocolError)
    default:
      logger.debug("a connection failed", metadata: ["cause": "\(error)"])
      context.close(promise: nil)
    }
  }

  /// Closes the connection for a reason.
  func close(_ code: CloseCode) {
    end()
    mailbox.close(code)
  }

  /// Tells the client that the server stops, and closes when what was begun is answered.
  func drain(comeBackAfter wait: TimeAmount) {
    mailbox.deliver(OutgoingPush(DrainingPush(retryAfter: Int(wait.nanoseconds / 1_000_000))))
    machine.drain()
    proceed()
  }

  /// From here on nothing that arrives counts, and to others this device is gone.
  private func end() {
    heartbeat?.stop()
    signInClock.pause()
    guard let signedIn = machine.close() else { return }
    let (chat, mailbox) = (chat, mailbox)
    connections.run { await chat.disconnected(mailbox, as: signedIn) }
  }

  private func receive(_ buffer: ByteBuffer) {
    guard String(validating: buffer.readableBytesView, as: UTF8.self) != nil else {
      close(.invalidText)
      return
    }
    let decision = machine.received(IncomingRequest(frame: Data(buffer: buffer)))
    switch decision {
    case .ignore: break
    case .refuse(let id, let error): mailbox.send(WireCodec.encodeFailure(error, to: id))
    case .greet(let id, let hello): greet(id, hello)
    case .signIn(let id, let request): signIn(id, request)
    case .run(let id, let request, let signedIn): run(id, request, signedIn)
    }
    proceed()
  }

  /// Does what follows from where the machine stands. Called whenever it has moved.
  func proceed() {
    if machine.isDrained { mailbox.close(.restarting) }
    if machine.isOverdueSignIn {
      let handler = NIOLoopBound(self, eventLoop: eventLoop)
      signInClock.run { handler.value.close(.signInTimeout) }
    } else {
      signInClock.pause()
    }
  }
}
