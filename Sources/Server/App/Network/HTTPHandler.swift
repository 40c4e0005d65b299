import FoundationEssentials
import NIOCore
import NIOFoundationEssentialsCompat
import NIOHTTP1

/// Answers plain HTTP: the operator's probes, and attachments through ``AttachmentRoutes`` or what is measured.
/// One answer per connection.
final class HTTPHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Why the server is not ready, `nil` when it is.
  typealias Readiness = @Sendable () async -> String?

  /// What is measured, as it is now.
  typealias Exposition = @Sendable () async -> String

  /// What there is besides the probes.
  enum Service: Sendable {
    case chat(AttachmentRoutes)
    case metrics(Exposition)
  }

  private let readiness: Readiness
  private let service: Service
  private let connections: Connections
  private let deadline: Scheduled<Void>
  private var exchange: HTTPExchange?
  private var head: HTTPRequestHead?
  private var wantsBody = true
  private var phase = Phase.beforeRequest

  /// One request is answered: what comes behind it on the same connection is not looked at, since an
  /// answer to it would meet a connection that is being closed.
  private enum Phase { case beforeRequest, inRequest, behindRequest }

  /// - Parameter deadline: the end of the time for a request; the exchanges of attachments have clocks
  ///   of their own.
  init(
    readiness: @escaping Readiness, service: Service, connections: Connections,
    deadline: Scheduled<Void>
  ) {
    self.readiness = readiness
    self.service = service
    self.connections = connections
    self.deadline = deadline
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (phase, unwrapInboundIn(data)) {
    case (.beforeRequest, .head(let head)):
      phase = .inRequest
      if case .chat(let attachments) = service, AttachmentRequest.isFor(head.uri) {
        return begin(head, attachments, context)
      }
      self.head = head
      wantsBody = head.method != .HEAD
    case (.inRequest, .body(let part)): exchange?.received(part)
    case (.inRequest, .end):
      phase = .behindRequest
      exchange?.bodyEnded()
      guard let head else { return }
      self.head = nil
      respond(to: head, context)
    case (.beforeRequest, _), (.inRequest, .head), (.behindRequest, _): break
    }
  }

  private func begin(
    _ head: HTTPRequestHead, _ attachments: AttachmentRoutes, _ context: ChannelHandlerContext
  ) {
    deadline.cancel()
    do {
      let exchange = try HTTPExchange(head, on: context.channel)
      self.exchange = exchange
      connections.serve(exchange) { await attachments.serve(exchange) }
    } catch {
      context.close(promise: nil)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    exchange?.readCompleted()
    context.fireChannelReadComplete()
  }

  func channelInactive(context: ChannelHandlerContext) {
    exchange?.broke()
    context.fireChannelInactive()
  }

  private func respond(to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let path = head.uri.prefix { $0 != "?" }
    guard head.method == .GET || head.method == .HEAD else {
      write(
        .methodNotAllowed, text: "Only GET is answered here.\n", context, ["Allow": "GET, HEAD"])
      return
    }
    switch (path, service) {
    case ("/healthz", _):
      write(.ok, text: "ok\n", context)
    case ("/readyz", _):
      ask(readiness, context) { handler, reason, context in
        let answer = ReadinessAnswer(ready: reason == nil, reason: reason)
        handler.write(reason == nil ? .ok : .serviceUnavailable, answer, context)
      }
    case ("/metrics", .metrics(let exposition)):
      ask(exposition, context) { handler, text, context in
        handler.write(
          .ok, ByteBuffer(string: text), type: "text/plain; version=0.0.4; charset=utf-8", context,
          [:])
      }
    case (WebSocketRoute.path[...], .chat):
      write(
        .upgradeRequired,
        text: "Connect here with WebSocket, subprotocol \(WebSocketRoute.subprotocol).\n", context,
        [
          "Upgrade": "websocket", "Connection": "upgrade",
          "Sec-WebSocket-Version": WebSocketRoute.version,
        ])
    default:
      write(.notFound, text: "There is nothing here.\n", context)
    }
  }

  /// Asks something off the event loop, and answers on it.
  private func ask<Answer: Sendable>(
    _ question: @escaping @Sendable () async -> Answer, _ context: ChannelHandlerContext,
    _ answer: @escaping @Sendable (HTTPHandler, Answer, ChannelHandlerContext) -> Void
  ) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    connections.run {
      let found = await question()
      bound.eventLoop.execute { answer(bound.value.0, found, bound.value.1) }
    }
  }

  private struct ReadinessAnswer: Encodable {
    let ready: Bool
    let reason: String?
  }

  private func write(
    _ status: HTTPResponseStatus, _ answer: ReadinessAnswer, _ context: ChannelHandlerContext
  ) {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      write(
        status, ByteBuffer(data: try encoder.encode(answer)), type: "application/json", context, [:]
      )
    } catch {
      context.fireErrorCaught(error)
    }
  }

  private func write(
    _ status: HTTPResponseStatus, text: String, _ context: ChannelHandlerContext,
    _ extraHeaders: HTTPHeaders = [:]
  ) {
    write(
      status, ByteBuffer(string: text), type: "text/plain; charset=utf-8", context, extraHeaders)
  }

  private func write(
    _ status: HTTPResponseStatus, _ buffer: ByteBuffer, type: String,
    _ context: ChannelHandlerContext, _ extraHeaders: HTTPHeaders
  ) {
    var headers: HTTPHeaders = [
      "Content-Type": type, "Content-Length": "\(buffer.readableBytes)",
      "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Connection": "close",
    ]
    headers.add(contentsOf: extraHeaders)
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if wantsBody { context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil) }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
