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
  let mailbox: ChannelMailbox
  let eventLoop: any EventLoop
  var machine: SessionStateMachine
  var sends = SendLane()

  private var heartbeat: Heartbeat?
  private var signInDeadline: Scheduled<Void>?
  private let logger: Logger

  init(chat: Chat, channel: any Channel, logger: Logger) {
    self.chat = chat
    self.logger = logger
    mailbox = ChannelMailbox(channel: channel)
    eventLoop = channel.eventLoop
    machine = SessionStateMachine(limits: chat.limits)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    heartbeat = Heartbeat(
      channel: context.channel,
      interval: .milliseconds(Int64(chat.limits.pingMilliseconds)),
      patience: .milliseconds(Int64(chat.limits.pongMilliseconds)))
    updateSignInDeadline()
  }

  func channelInactive(context: ChannelHandlerContext) {
    heartbeat?.stop()
    signInDeadline?.cancel()
    if let signedIn = machine.close() {
      let (chat, mailbox) = (chat, mailbox)
      Task { await chat.disconnected(mailbox, as: signedIn) }
    }
    context.fireChannelInactive()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { mailbox.drain() }
    context.fireChannelWritabilityChanged()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var frame = unwrapInboundIn(data)
    heartbeat?.heard()
    switch frame.opcode {
    case .text:
      receive(frame.unmaskedData)
    case .binary:
      close(.unsupportedData)
    case .ping:
      frame = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
      context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    case .connectionClose:
      // The echo that RFC 6455, section 5.5.1 wants, then the end.
      frame = WebSocketFrame(
        fin: true, opcode: .connectionClose, data: frame.unmaskedData.prefix(bytes: 2))
      let channel = context.channel
      context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { _ in
        channel.close(promise: nil)
      }
    case .pong, .continuation:
      break
    default:
      close(.protocolError)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let violation as FrameValidator.Violation:
      close(violation.code)
    case NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge:
      close(.tooLarge)
    case is NIOWebSocketFrameAggregator.Error:
      close(.protocolError)
    case is NIOWebSocketError:
      // NIO has already sent the close frame.
      context.close(promise: nil)
    default:
      logger.debug("a connection failed", metadata: ["cause": "\(error)"])
      context.close(promise: nil)
    }
  }

  func close(_ code: CloseCode) {
    mailbox.close(code)
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
    updateSignInDeadline()
  }

  /// Keeps the deadline for signing in while it is the client's turn, and only then.
  func updateSignInDeadline() {
    guard machine.isOverdueSignIn else {
      signInDeadline?.cancel()
      signInDeadline = nil
      return
    }
    guard signInDeadline == nil else { return }
    let mailbox = mailbox
    signInDeadline = eventLoop.scheduleTask(
      in: .milliseconds(Int64(chat.limits.signInMilliseconds))
    ) {
      mailbox.close(.signInTimeout)
    }
  }
}

extension ByteBuffer {
  fileprivate func prefix(bytes: Int) -> ByteBuffer {
    getSlice(at: readerIndex, length: Swift.min(bytes, readableBytes)) ?? ByteBuffer()
  }
}
