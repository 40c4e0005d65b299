import FoundationEssentials
public import MartletProtocol

/// A client that asks one thing after another and sees every frame. It answers pings while it waits
/// for something.
public actor TestClient {
  public nonisolated let socket: RawWebSocket
  private var lastID: Int64 = 0
  /// Pushes that came while a reply was waited for.
  private var pushes: [ServerPush] = []

  public init(_ socket: RawWebSocket) {
    self.socket = socket
  }

  /// Connects, and says hello.
  public static func connect(port: Int, receiveBuffer: Int? = nil) async throws -> TestClient {
    let client = TestClient(
      try await RawWebSocket.connect(port: port, receiveBuffer: receiveBuffer))
    _ = try await client.call(Hello(client: "test"))
    return client
  }

  /// Asks and waits for the reply; pushes that come before it are kept.
  ///
  /// - Throws: ``RPCError`` when the server refuses.
  public func call<Request: RequestMessage>(
    _ request: Request
  ) async throws -> Request.Reply {
    let id = begin(request)
    while true {
      switch try await frame() {
      case .push(let push): pushes.append(push)
      case .reply(id, let text):
        return try Self.reply(Request.Reply.self, in: text)
      case .failure(id, let error): throw error
      case .reply, .failure: throw Failure("a reply to something else")
      }
    }
  }

  /// Asks without waiting.
  @discardableResult
  public func begin(_ request: some RequestMessage) -> RequestID {
    lastID += 1
    socket.send(.text(request.text(id: .number(lastID))))
    return .number(lastID)
  }

  /// Several requests in one write.
  @discardableResult
  public func begin(all requests: [any RequestMessage]) -> [RequestID] {
    let ids = requests.indices.map { RequestID.number(lastID + 1 + Int64($0)) }
    lastID += Int64(requests.count)
    socket.connection.write(
      zip(requests, ids).flatMap { RawFrame.text($0.text(id: $1)).bytes })
    return ids
  }

  /// Reads the reply in a frame.
  public static func reply<Reply: Decodable>(_: Reply.Type, in text: String) throws -> Reply {
    try WireCodec.decodeReply(Data(text.utf8), to: Reply.self)
  }

  /// An answer as it came.
  public struct Answer: Sendable {
    public let id: RequestID
    fileprivate let result: Result<String, RPCError>

    /// Reads the reply.
    ///
    /// - Throws: ``RPCError`` when the server refused.
    public func reply<Reply: Decodable>(as _: Reply.Type) throws -> Reply {
      try TestClient.reply(Reply.self, in: try result.get())
    }

    /// Why the server refused; `nil` when it did not.
    public var refusal: RPCError? {
      if case .failure(let error) = result { error } else { nil }
    }
  }

  /// Waits for the answers to some requests, in the order in which they come. Pushes are kept.
  public func answers(to ids: [RequestID]) async throws -> [Answer] {
    var answers: [Answer] = []
    while answers.count < ids.count {
      let answer: Answer
      switch try await frame() {
      case .push(let push):
        pushes.append(push)
        continue
      case .reply(let id, let text): answer = Answer(id: id, result: .success(text))
      case .failure(let id?, let error): answer = Answer(id: id, result: .failure(error))
      case .failure(nil, let error): throw error
      }
      guard ids.contains(answer.id) else { throw Failure("an answer to something else") }
      answers.append(answer)
    }
    return answers
  }

  /// Says something that wants no answer.
  public func notify(_ request: some RequestMessage) {
    socket.send(.text(request.text(id: nil)))
  }

  /// A frame of the server's.
  public enum Frame: Sendable {
    case push(ServerPush)
    /// The id and the whole frame.
    case reply(RequestID, String)
    case failure(RequestID?, RPCError)
  }

  /// The next push, one that came earlier first.
  public func push() async throws -> ServerPush {
    if !pushes.isEmpty { return pushes.removeFirst() }
    guard case .push(let push) = try await frame() else { throw Failure("a reply, not a push") }
    return push
  }

  /// The next push of a kind; others before it are dropped.
  public func push<Push: Sendable>(
    where matches: @Sendable (ServerPush) -> Push?
  ) async throws -> Push {
    while true {
      if let push = matches(try await push()) { return push }
    }
  }

  /// The pushes that have come, up to and with everything queued before the answer to a request
  /// made now.
  public func settledPushes() async throws -> [ServerPush] {
    _ = try await call(ListContacts(limit: 1))
    defer { pushes = [] }
    return pushes
  }

  /// The next frame that is neither ping nor pong.
  public func frame() async throws -> Frame {
    while true {
      switch try await socket.next() {
      case .text(let text):
        switch try ServerFrame(frame: Data(text.utf8)) {
        case .push(let push): return .push(push)
        case .reply(let id): return .reply(id, text)
        case .failure(let id, let error): return .failure(id, error)
        }
      case .ping(let payload): socket.send(.pong(payload))
      case .pong: continue
      case let other: throw Failure("the connection ended: \(other.map { "\($0)" } ?? "no word")")
      }
    }
  }

  /// Reads to the end of the connection, and tells the status it was closed with; `nil` without a
  /// close frame. Pushes before it are kept.
  public func closeCode() async throws -> CloseCode? {
    var code: CloseCode?
    while let received = try await socket.next() {
      switch received {
      case .text(let text):
        if case .push(let push) = try ServerFrame(frame: Data(text.utf8)) { pushes.append(push) }
      case .close(let status):
        code = status.flatMap(CloseCode.init(rawValue:))
        socket.send(.close(status ?? 1000))
      case .ping, .pong: continue
      case .unexpected(let what): throw Failure(what)
      }
    }
    return code
  }
}

extension RequestMessage {
  fileprivate func text(id: RequestID?) -> String {
    String(decoding: WireCodec.encode(self, id: id), as: UTF8.self)
  }
}
