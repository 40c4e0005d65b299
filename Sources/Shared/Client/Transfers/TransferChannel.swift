import FoundationEssentials
import MartletProtocol
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Makes HTTP requests to a server, each on a connection of its own, with back-pressure both ways.
struct TransferChannel: Sendable {
  /// Where a request goes.
  struct Writer: Sendable {
    fileprivate let outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    fileprivate let eventLoop: any EventLoop

    /// Comes back when the event loop has taken the part and there is room for more: the writer alone
    /// would pile parts up in front of a loop that is slower than the disk.
    func write(_ part: HTTPClientRequestPart) async throws {
      try await outbound.write(part)
      try await eventLoop.submit {}.get()
    }
  }

  typealias Body = NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

  /// How long a connection on which nothing moves is kept.
  private static let patience = TimeAmount.seconds(30)

  let address: ServerAddress
  let connectTimeout: Duration
  let tls: TrustedServer
  let group: any EventLoopGroup

  /// The connection broke, or could not be made; the text is for people.
  struct Broken: Error {
    let reason: String
  }

  /// Makes a request and reads the answer whole.
  func perform(
    _ method: HTTPMethod, _ uri: String, _ headers: HTTPHeaders,
    send: @escaping @Sendable (Writer) async throws -> Void = { _ in }
  ) async throws -> TransferAnswer {
    try await perform(method, uri, headers, send: send) { head, body in
      try await Self.collect(head, &body)
    }
  }

  /// Makes a request and hands over the answer while it comes.
  ///
  /// - Parameter send: writes the request's body, while the answer is already being waited for.
  /// - Throws: ``Broken``, or what `send` or `receive` throw as ``TransferError``.
  func perform<Value: Sendable>(
    _ method: HTTPMethod, _ uri: String, _ headers: HTTPHeaders,
    send: @escaping @Sendable (Writer) async throws -> Void = { _ in },
    receive: (HTTPResponseHead, inout Body) async throws -> Value
  ) async throws -> Value {
    let channel = try await connect()
    var head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers)
    head.headers.add(name: "Host", value: address.authority)
    head.headers.add(name: "Connection", value: "close")
    let problem = Problem()
    do {
      return try await channel.executeThenClose { [head] inbound, outbound in
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          let writer = Writer(outbound: outbound, eventLoop: channel.channel.eventLoop)
          tasks.addTask {
            do {
              try await writer.write(.head(head))
              try await send(writer)
              try await writer.write(.end(nil))
            } catch let error as TransferError where error != .cancelled {
              // What is wrong with the file here ends the wait for an answer. That the answer, or its
              // end, came first and ends this is nothing wrong.
              problem.error = error
              channel.channel.close(promise: nil)
            } catch {
              // Whoever reads the answer learns of the connection, and of a refusal sent before it.
            }
          }
          var body = inbound.makeAsyncIterator()
          guard case .head(let head)? = try await body.next() else {
            throw Broken(reason: "The server closed the connection.")
          }
          let value = try await receive(head, &body)
          tasks.cancelAll()
          return value
        }
      }
    } catch {
      if let mine = problem.error { throw mine }
      switch error {
      case is TransferError, is Broken: throw error
      default:
        guard !Task.isCancelled else { throw TransferError.cancelled }
        throw Broken(reason: "The connection was lost.")
      }
    }
  }

  /// What was wrong here while the answer was waited for.
  private final class Problem: Sendable {
    private let state = Mutex<TransferError?>(nil)

    var error: TransferError? {
      get { state.withLock { $0 } }
      set { state.withLock { $0 = newValue } }
    }
  }

  /// Reads an answer's body, up to ``TransferAnswer/maximumBodyBytes``.
  static func collect(_ head: HTTPResponseHead, _ body: inout Body) async throws -> TransferAnswer {
    var answer = TransferAnswer(
      status: Int(head.status.code),
      uploadOffset: head.headers.first(name: "Upload-Offset").flatMap { Int64($0) },
      uploadLength: head.headers.first(name: "Upload-Length").flatMap { Int64($0) })
    while let part = try await body.next() {
      switch part {
      case .head: continue
      case .body(let buffer):
        guard answer.body.count + buffer.readableBytes <= TransferAnswer.maximumBodyBytes else {
          throw TransferError.notUnderstood
        }
        answer.body.append(contentsOf: buffer.readableBytesView)
      case .end: return answer
      }
    }
    throw Broken(reason: "The server closed the connection.")
  }

  private func connect() async throws
    -> NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
  {
    let policy = tls.policy
    do {
      let (channel, wrapped) = try await ClientBootstrap(group: group)
        .connectTimeout(TimeAmount(connectTimeout))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelOption(
          .writeBufferWaterMark, value: .init(low: 32 * 1024, high: TransferFile.chunkBytes)
        )
        .channelOption(
          .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 32 * 1024)
        )
        .connect(host: address.host, port: address.port) { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let secured = try TLSHandshake.begin(on: channel, to: address, policy: policy)
            try pipeline.addHTTPClientHandlers()
            try pipeline.addHandlers([IdleStateHandler(allTimeout: Self.patience), IdleEnd()])
            // Only then, as NIO wants every one of them used.
            let wrapped = secured.flatMapThrowing {
              try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                wrappingChannelSynchronously: channel,
                configuration: .init(
                  backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
            }
            return (channel, wrapped)
          }
        }
      return try await withTaskCancellationHandler {
        try await wrapped.get()
      } onCancel: {
        channel.close(promise: nil)
      }
    } catch {
      guard !Task.isCancelled else { throw TransferError.cancelled }
      if let server = error as? UntrustedServer { throw Broken(reason: server.description) }
      throw Broken(reason: "Nothing answers at \(address).")
    }
  }

  /// Closes a connection on which nothing moves any more.
  private final class IdleEnd: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPClientResponsePart

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if event is IdleStateHandler.IdleStateEvent {
        context.close(promise: nil)
      } else {
        context.fireUserInboundEventTriggered(event)
      }
    }
  }
}
