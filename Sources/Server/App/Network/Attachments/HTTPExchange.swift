import NIOCore
import NIOHTTP1

/// One request whose body comes, and whose answer goes, in parts that are waited for: of the body one part
/// is read ahead once the first was asked for, and of the answer the socket says when it has taken one.
///
/// The event loop feeds it; a task drives it.
final class HTTPExchange: Sendable {
  /// How long a body may stand still.
  private static let patience = TimeAmount.seconds(30)
  /// How long the other side may take to take a part of an answer.
  private static let takingPatience = TimeAmount.minutes(2)
  /// How many bytes of a body are read at a time.
  private static let part = 256 * 1024
  /// How much of that time each byte of a body gives back: places for transfers are few, and nobody
  /// keeps one by a byte now and then.
  private static let timePerByte = TimeAmount.milliseconds(1)
  /// How long the rest of a body that is not wanted is thrown away, so that the other side reads the
  /// answer before it finds the connection reset.
  private static let lingering = TimeAmount.seconds(5)

  /// The connection ended before the body did.
  struct Broken: Error {}

  private struct State {
    /// Whether the body was asked for: until then it stays in the socket.
    var isWanted = false
    /// What came before it was asked for: at most what one turn of the event loop reads.
    var buffered: ByteBuffer?
    var bodyHasEnded = false
    var isBroken = false
    var isAnswered = false
    var waiter: EventLoopPromise<ByteBuffer?>?
    /// How long the body may still stand still, and since when it does.
    var allowance = HTTPExchange.patience
    var waitingSince: NIODeadline?
    var alarm: Scheduled<Void>?
  }

  let head: HTTPRequestHead
  private let channel: any Channel
  private let state: NIOLoopBoundBox<State>

  /// On the channel's event loop. Nothing is read from now on unless it is asked for.
  init(_ head: HTTPRequestHead, on channel: any Channel) throws {
    self.head = head
    self.channel = channel
    state = NIOLoopBoundBox(State(), eventLoop: channel.eventLoop)
    try channel.syncOptions?.setOption(.autoRead, value: false)
    try channel.syncOptions?.setOption(
      .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.part))
    try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
  }

  // MARK: Fed by the event loop

  func received(_ part: ByteBuffer) {
    guard !state.value.isAnswered else { return }
    earn(part.readableBytes)
    if let waiter = takeWaiter() {
      waiter.succeed(part)
    } else if state.value.buffered == nil {
      state.value.buffered = part
    } else {
      state.value.buffered?.writeImmutableBuffer(part)
    }
  }

  func bodyEnded() {
    state.value.bodyHasEnded = true
    takeWaiter()?.succeed(nil)
    if state.value.isAnswered { close() }
  }

  func readCompleted() {
    if state.value.isWanted, state.value.buffered == nil { channel.read() }
  }

  func broke() {
    state.value.isBroken = true
    stopClock()
    takeWaiter()?.fail(Broken())
  }

  // MARK: Driven by a task

  /// The next part of the body, never more than one turn of the event loop reads; `nil` at its end.
  ///
  /// - Throws: ``Broken``.
  func nextPart() async throws -> ByteBuffer? {
    try await channel.eventLoop.flatSubmit { self.demand() }.get()
  }

  /// Tells a client that waits for it (RFC 9110, section 10.1.1) to send the body.
  func sayContinue() {
    guard
      head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" })
    else { return }
    let head = HTTPResponseHead(version: .http1_1, status: .continue)
    channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
  }

  /// Answers in one piece and ends the connection.
  func answer(_ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer? = nil) {
    var headers = headers
    headers.add(name: "Content-Length", value: "\(body?.readableBytes ?? 0)")
    begin(status, headers)
    if let body, head.method != .HEAD {
      channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
    }
    end()
  }

  /// Begins an answer; the headers say how long it is.
  func begin(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) {
    var head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    head.headers.add(contentsOf: [
      "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Connection": "close",
    ])
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
  }

  /// Sends a part of the answer. What it returns comes when the socket has taken it.
  func send(_ part: ByteBuffer) -> EventLoopFuture<Void> {
    channel.eventLoop.flatSubmit {
      self.startClock(Self.takingPatience)
      return self.channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(part)))
    }
  }

  /// Ends the answer, and the connection with it.
  func end() {
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in self.linger() }
  }

  /// Ends the connection wherever it stands.
  func abort() { channel.close(promise: nil) }

  // MARK: On the event loop

  private func demand() -> EventLoopFuture<ByteBuffer?> {
    let eventLoop = channel.eventLoop
    state.value.isWanted = true
    if let part = state.value.buffered {
      state.value.buffered = nil
      channel.read()
      return eventLoop.makeSucceededFuture(part)
    }
    if state.value.bodyHasEnded { return eventLoop.makeSucceededFuture(nil) }
    if state.value.isBroken { return eventLoop.makeFailedFuture(Broken()) }
    let waiter = eventLoop.makePromise(of: ByteBuffer?.self)
    state.value.waiter = waiter
    state.value.waitingSince = eventLoop.now
    startClock(state.value.allowance)
    channel.read()
    return waiter.futureResult
  }

  private func earn(_ bytes: Int) {
    let now = channel.eventLoop.now
    let waited = now - (state.value.waitingSince ?? now)
    state.value.waitingSince = nil
    state.value.allowance = min(
      Self.patience, state.value.allowance - waited + Self.timePerByte * bytes)
  }

  private func takeWaiter() -> EventLoopPromise<ByteBuffer?>? {
    guard let waiter = state.value.waiter else { return nil }
    state.value.waiter = nil
    stopClock()
    return waiter
  }

  private func linger() {
    stopClock()
    state.value.isAnswered = true
    guard !state.value.bodyHasEnded, !state.value.isBroken else { return close() }
    channel.close(mode: .output, promise: nil)
    channel.setOption(.autoRead, value: true).whenFailure { _ in self.close() }
    startClock(Self.lingering)
  }

  private func close() {
    stopClock()
    channel.close(promise: nil)
  }

  private func startClock(_ time: TimeAmount) {
    stopClock()
    guard !state.value.isBroken else { return }
    let channel = channel
    state.value.alarm = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
  }

  private func stopClock() {
    state.value.alarm?.cancel()
    state.value.alarm = nil
  }
}
