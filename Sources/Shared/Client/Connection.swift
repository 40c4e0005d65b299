import FoundationEssentials
public import MartletProtocol
import NIOCore
import Synchronization

/// One WebSocket to a server. It lives until either side closes it and does not come back; ``Client``
/// is what does.
///
/// Requests begun one after another go out in that order. Replies, refusals and pushes are handed
/// over on one thread in the order in which they came: when the completion of
/// ``perform(_:then:)`` runs, every push that the server sent before that reply has been handed over.
public final class Connection: RequestSender {
  /// Takes one push, on the connection's thread; it must not block. `false` means that there is no
  /// room for it: the connection is then closed with ``CloseReason/fellBehind``.
  public typealias PushHandler = @Sendable (ServerPush) -> Bool

  private let eventLoop: any EventLoop
  private let handler: NIOLoopBound<ConnectionHandler>
  private let ended: EventLoopFuture<CloseReason>
  private let lastID = Atomic<Int64>(0)

  init(
    eventLoop: any EventLoop, handler: NIOLoopBound<ConnectionHandler>,
    ended: EventLoopFuture<CloseReason>
  ) {
    self.eventLoop = eventLoop
    self.handler = handler
    self.ended = ended
  }

  /// Opens the conversation; the first request on every connection. From then on the connection
  /// keeps within the server's limits and notices when the server falls silent.
  ///
  /// - Throws: ``ClientError``.
  public func hello(_ hello: Hello) async throws(ClientError) -> Hello.Reply {
    try await request(hello) { [handler] reply in handler.value.greeted(limits: reply.limits) }
  }

  /// Makes a request and waits for its reply. Cancelling the task gives the wait up.
  ///
  /// - Throws: ``ClientError``.
  public func request<Request: RequestMessage>(
    _ request: Request
  ) async throws(ClientError) -> Request.Reply {
    try await self.request(request, inOrder: { _ in })
  }

  /// Makes a request as ``request(_:)`` does.
  ///
  /// - Parameter inOrder: Called with the reply before anything that the server sent after it is
  ///   handed over; it must not block.
  /// - Throws: ``ClientError``.
  public func request<Request: RequestMessage>(
    _ request: Request, inOrder: @escaping @Sendable (Request.Reply) -> Void
  ) async throws(ClientError) -> Request.Reply {
    let id = makeID()
    let result: Result<Request.Reply, ClientError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        perform(request, id: id) { result in
          if case .success(let reply) = result { inOrder(reply) }
          continuation.resume(returning: result)
        }
        // A cancellation that came before the request was begun has found nothing to give up.
        if Task.isCancelled { cancel(id: id) }
      }
    } onCancel: {
      cancel(id: id)
    }
    return try result.get()
  }

  /// Makes a request; the completion runs exactly once, on the connection's thread and in wire order,
  /// and must not block.
  public func perform<Request: RequestMessage>(
    _ request: Request,
    then completion: @escaping @Sendable (Result<Request.Reply, ClientError>) -> Void
  ) {
    perform(request, id: makeID(), then: completion)
  }

  /// Sends a request that wants no answer. It is dropped when the connection is over.
  public func notify(_ request: some RequestMessage) {
    let frame = WireCodec.encode(request, id: nil)
    eventLoop.execute { [handler] in handler.value.notify(frame) }
  }

  /// Asks the server for a sign of life: if none comes within five seconds, the connection ends with
  /// ``CloseReason/silent``. For when there is reason to doubt, as after the machine slept.
  public func probe() {
    eventLoop.execute { [handler] in handler.value.probe() }
  }

  /// Closes the connection. What was sent before still reaches the server; requests that wait fail.
  public func close() {
    eventLoop.execute { [handler] in handler.value.close() }
  }

  /// Waits until the connection is over and says why.
  public var closed: CloseReason {
    get async {
      do {
        return try await ended.get()
      } catch {
        // The handler only ever succeeds; only a loop that is shut down has no answer.
        return .lost(String(describing: error))
      }
    }
  }

  private func makeID() -> Int64 { lastID.add(1, ordering: .relaxed).newValue }

  private func cancel(id: Int64) {
    eventLoop.execute { [handler] in handler.value.cancel(id: id) }
  }

  private func perform<Request: RequestMessage>(
    _ request: Request, id: Int64,
    then completion: @escaping @Sendable (Result<Request.Reply, ClientError>) -> Void
  ) {
    let frame = WireCodec.encode(request, id: .number(id))
    // Always through the queue, also on the loop itself: that is what keeps the order.
    eventLoop.execute { [handler] in
      handler.value.request(frame, id: id) { outcome in
        switch outcome {
        case .failure(let error): completion(.failure(error))
        case .success(let data):
          do {
            completion(.success(try WireCodec.decodeReply(data, to: Request.Reply.self)))
          } catch {
            let mistake = BadFrame.wrongReply(method: Request.method)
            completion(.failure(.disconnected(.badFrame(mistake))))
            return mistake
          }
        }
        return nil
      }
    }
  }
}
