import FoundationEssentials
import MartletProtocol
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import MartletClient

/// The server's side of section 12 of docs/protocol.md in memory, with faults on demand.
final class FileServer: Sendable {
  struct State {
    var uploads: [AttachmentID: (size: Int64, bytes: [UInt8])] = [:]
    var name: String?
    /// The methods of the requests that came, in order.
    var requests: [String] = []
    /// After how many bytes of a body, in either direction, each of the next connections breaks.
    var breaks: [Int] = []
    /// Answers to give, before anything else is done.
    var refusals: [(status: Int, body: String)] = []
    /// Whether a range is ignored.
    var ignoresRanges = false
    var conflictOffset: Int64?
  }

  static let token = "q0yq2vJ8kJ1rV4m2sN7aTgX5bU9cE3hZ6iW1oP8dLfQ"
  let state = Mutex(State())
  let address: ServerAddress
  private let listener: any Channel

  deinit { listener.close(promise: nil) }

  init() async throws {
    let holder = Holder()
    listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(holder: holder))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    address = try ServerAddress(
      host: "127.0.0.1", port: try #require(listener.localAddress?.port))
    holder.server.withLock { $0.value = self }
  }

  /// Transfers from and to it, which never wait.
  func transfers(token: String? = FileServer.token) -> AttachmentTransfers {
    let known = SessionToken()
    known.state = token.map(SessionToken.State.present) ?? .none
    return transfers(known: known)
  }

  func transfers(known: SessionToken) -> AttachmentTransfers {
    var time = ClientTime.system
    time.sleep = { _ in try Task.checkCancellation() }
    return AttachmentTransfers(
      channel: TransferChannel(
        address: address, connectTimeout: .seconds(5), tls: TrustedServer(TLSPolicy()),
        group: .singletonMultiThreadedEventLoopGroup),
      backoff: BackoffPolicy(), time: time, token: known)
  }

  /// A file that is there to be fetched.
  func keep(_ bytes: [UInt8]) -> AttachmentID {
    let id = AttachmentID(high: 7, low: UInt64(bytes.count))
    state.withLock { $0.uploads[id] = (Int64(bytes.count), bytes) }
    return id
  }

  var requests: [String] { state.withLock { $0.requests } }

  final class Holder: Sendable {
    struct Weak { weak var value: FileServer? }
    let server = Mutex(Weak())
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let holder: Holder
    private var head: HTTPRequestHead?
    private var id: AttachmentID?
    private var breaksAfter: Int?
    private var taken = 0
    private var isAnswered = false

    init(holder: Holder) { self.holder = holder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard let server = holder.server.withLock({ $0.value }) else {
        return context.close(promise: nil)
      }
      switch unwrapInboundIn(data) {
      case .head(let head):
        self.head = head
        begin(head, server, context)
      case .body(let buffer): body(buffer, server, context)
      case .end: if !isAnswered { end(server, context) }
      }
    }

    private func begin(
      _ head: HTTPRequestHead, _ server: FileServer, _ context: ChannelHandlerContext
    ) {
      let id = AttachmentID(head.uri.split(separator: "/").last ?? "")
      self.id = id
      let hasBody = head.method == .PATCH || head.method == .GET
      let refusal = server.state.withLock { state -> (Int, String, Int64?)? in
        state.requests.append(head.method.rawValue)
        guard head.headers["Authorization"] == ["Bearer \(FileServer.token)"] else {
          return (401, #"{"code":1104,"message":"no"}"#, nil)
        }
        if !state.refusals.isEmpty {
          let refusal = state.refusals.removeFirst()
          return (refusal.status, refusal.body, nil)
        }
        if head.method == .POST { return nil }
        guard let id, let upload = state.uploads[id] else {
          return (404, #"{"code":1400,"message":"no"}"#, nil)
        }
        if head.method == .PATCH,
          head.headers.first(name: "Upload-Offset") != String(upload.bytes.count)
        {
          return (409, #"{"code":1406,"message":"no"}"#, Int64(upload.bytes.count))
        }
        if hasBody, !state.breaks.isEmpty { breaksAfter = state.breaks.removeFirst() }
        return nil
      }
      guard let refusal else { return }
      var headers = HTTPHeaders()
      if let offset = refusal.2 { headers.add(name: "Upload-Offset", value: String(offset)) }
      answer(refusal.0, refusal.1, headers, context)
    }

    private func body(_ buffer: ByteBuffer, _ server: FileServer, _ context: ChannelHandlerContext)
    {
      guard !isAnswered, let id else { return }
      var bytes = Array(buffer.readableBytesView)
      if let limit = breaksAfter, taken + bytes.count > limit {
        bytes = Array(bytes.prefix(limit - taken))
      }
      taken += bytes.count
      server.state.withLock { $0.uploads[id]?.bytes += bytes }
      if let limit = breaksAfter, taken >= limit {
        isAnswered = true
        context.close(promise: nil)
      }
    }

    private func end(_ server: FileServer, _ context: ChannelHandlerContext) {
      guard let head else { return }
      switch head.method {
      case .POST:
        let id = AttachmentID(high: 1, low: 2)
        let size = head.headers.first(name: "Upload-Length").flatMap { Int64($0) } ?? 0
        server.state.withLock { state in
          state.uploads[id] = (size, [])
          state.name = head.uri.split(separator: "=").last.map(String.init)
        }
        answer(201, #"{"id":"\#(id)","offset":0}"#, [:], context)
      case .HEAD:
        let upload = server.state.withLock { $0.uploads[id ?? AttachmentID(high: 0, low: 0)] }
        answer(
          200, "",
          [
            "Upload-Offset": String(upload?.bytes.count ?? 0),
            "Upload-Length": String(upload?.size ?? 0),
          ], context)
      case .PATCH:
        guard let id, let upload = server.state.withLock({ $0.uploads[id] }) else { return }
        let isWhole = upload.bytes.count == Int(upload.size)
        answer(
          200,
          isWhole
            ? #"{"id":"\#(id)","name":"a.png","media_type":"image/png","size":\#(upload.size)}"#
            : #"{"id":"\#(id)","offset":\#(upload.bytes.count)}"#, [:], context)
      case .GET: file(head, server, context)
      default: answer(204, "", [:], context)
      }
    }

    private func file(
      _ head: HTTPRequestHead, _ server: FileServer, _ context: ChannelHandlerContext
    ) {
      guard let id, let bytes = server.state.withLock({ $0.uploads[id]?.bytes }) else { return }
      let range = head.headers.first(name: "Range").flatMap { text in
        Int(text.dropFirst("bytes=".count).prefix { $0 != "-" })
      }
      let ignores = server.state.withLock { $0.ignoresRanges }
      let first = ignores ? 0 : range ?? 0
      let isPart = range != nil && !ignores
      var headers: HTTPHeaders = ["Content-Length": String(bytes.count - first)]
      if isPart {
        headers.add(
          name: "Content-Range", value: "bytes \(first)-\(bytes.count - 1)/\(bytes.count)")
      }
      let answer = HTTPResponseHead(
        version: .http1_1, status: isPart ? .partialContent : .ok, headers: headers)
      context.write(wrapOutboundOut(.head(answer)), promise: nil)
      var rest = bytes[first...]
      if let limit = breaksAfter { rest = rest.prefix(limit) }
      context.writeAndFlush(
        wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: rest)))), promise: nil)
      if breaksAfter == nil {
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      }
      context.close(promise: nil)
    }

    private func answer(
      _ status: Int, _ body: String, _ headers: HTTPHeaders, _ context: ChannelHandlerContext
    ) {
      isAnswered = true
      var headers = headers
      if !body.isEmpty { headers.add(name: "Content-Length", value: String(body.utf8.count)) }
      let head = HTTPResponseHead(
        version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      if !body.isEmpty {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
      }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
