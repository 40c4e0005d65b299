import FoundationEssentials
import MartletProtocol
import NIOCore
import NIOPosix
import NIOWebSocket
import Synchronization
import TestSupport
import Testing

@testable import MartletClient

/// A connection against a scripted server, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct ConnectionTests {
  @Test func helloIsAnsweredAndRequestsGetTheirReplies() async throws {
    let (connection, peer, _) = try await connected()
    async let contacts = connection.contacts(limit: 10)
    let (id, request) = try await peer.request()
    #expect(request == .listContacts(ListContacts(limit: 10)))
    let page = ListContacts.Reply(
      contacts: [Contact(user: Fixture.bob, online: true, lastSeen: nil, conversation: nil)],
      next: "李雷")
    try peer.reply(page, to: id)
    #expect(try await contacts == page)
    connection.close()
    #expect(try await peer.closeCode() == 1000)
    peer.close(1000)
    #expect(await connection.closed == .closedHere)
  }

  @Test func repliesOutOfOrderFindTheirRequests() async throws {
    let (connection, peer, log) = try await connected()
    for name in ["one", "two", "three"] {
      connection.perform(RegisterAccount(name: name, password: "password")) { result in
        log.note("\(name) is \((try? result.get())?.user.name ?? "?")")
      }
    }
    var requests: [(RequestID?, RegisterAccount)] = []
    for _ in 1...3 {
      let (id, request) = try await peer.request()
      guard case .registerAccount(let account) = request else { throw Unexpected(request: request) }
      requests.append((id, account))
    }
    #expect(requests.map(\.1.name) == ["one", "two", "three"])
    for (id, account) in requests.reversed() {
      try peer.reply(
        RegisterAccount.Reply(user: User(id: UserID(1), name: account.name)), to: id)
    }
    #expect(
      await log.wait(for: 3) == ["three is three", "two is two", "one is one"])
  }

  @Test func pushesAndRepliesAreHandedOverInWireOrder() async throws {
    let (connection, peer, log) = try await connected()
    connection.perform(Logout()) { _ in log.note("reply") }
    let (id, _) = try await peer.request()
    peer.push(Fixture.presence(online: true))
    peer.push(Fixture.presence(online: false))
    try peer.reply(Done(), to: id)
    peer.push(Fixture.presence(online: true))
    #expect(await log.wait(for: 4) == ["online", "offline", "reply", "online"])
  }

  @Test func refusalIsTheServersOwn() async throws {
    let (connection, peer, _) = try await connected()
    let sent = Task { try await connection.history(of: .conversation(ConversationID(9))) }
    let (id, _) = try await peer.request()
    // A code from a newer server.
    let refusal = RPCError(ErrorCode(rawValue: 9999), "Not today.", retryAfter: 100)
    peer.refuse(refusal, id)
    await #expect(throws: ClientError.refused(refusal)) { try await sent.value }
  }

  @Test func unknownPushIsHandedOverAsSuch() async throws {
    let (_, peer, log) = try await connected()
    peer.send(text: #"{"jsonrpc":"2.0","method":"moon.phase","params":{"full":true}}"#)
    peer.push(Fixture.presence(online: true))
    #expect(await log.wait(for: 2) == ["unknown moon.phase", "online"])
  }

  @Test func fragmentsArePutTogetherAndPingsBetweenThemAnswered() async throws {
    let (_, peer, log) = try await connected()
    let frame = Array(WireCodec.encode(Fixture.presence(online: true)))
    peer.send(.text, Array(frame[..<10]), fin: false)
    peer.send(.ping, [1, 2, 3])
    peer.send(.continuation, Array(frame[10...]))
    #expect(await log.wait(for: 1) == ["online"])
    let pong = try #require(await peer.frame())
    #expect(pong.opcode == .pong)
    #expect(Array(pong.unmaskedData.readableBytesView) == [1, 2, 3])
  }

  @Test(arguments: [
    "garbage", "", "[]", "{}", "null", #"{"id":true,"result":{}}"#, #"{"id":"text","result":{}}"#,
    #"{"method":"presence","params":{"user":1}}"#, #"{"method":"presence"}"#, #"{"method":7}"#,
    #"{"id":1,"error":{"code":"x"}}"#,
    String(repeating: "[", count: 100_000),
  ])
  func textThatIsNoMessageClosesTheConnection(text: String) async throws {
    let (connection, peer, _) = try await connected()
    peer.send(text: text)
    #expect(try await peer.closeCode() == 1007)
    #expect(await connection.closed == .badFrame(.notAMessage))
  }

  @Test func textThatIsNotUTF8ClosesTheConnection() async throws {
    let (connection, peer, _) = try await connected()
    peer.send(.text, Array(#"{"method":""#.utf8) + [0xC3, 0x28] + Array(#"","params":{}}"#.utf8))
    #expect(await connection.closed == .badFrame(.notAMessage))
  }

  @Test func replyInAWrongShapeFailsTheRequestAndClosesTheConnection() async throws {
    let (connection, peer, _) = try await connected()
    let contacts = Task { try await connection.contacts() }
    let (id, _) = try await peer.request()
    try peer.reply(["surprise"], to: id)
    let reason = CloseReason.badFrame(.wrongReply(method: "contacts.list"))
    await #expect(throws: ClientError.disconnected(reason)) { try await contacts.value }
    #expect(await connection.closed == reason)
  }

  @Test func refusalOfAFrameThatTheServerCouldNotReadClosesTheConnection() async throws {
    let (connection, peer, _) = try await connected()
    peer.refuse(RPCError(.parseError, "No."), nil)
    #expect(await connection.closed == .badFrame(.unreadableRequest))
  }

  @Test func binaryOversizedAndInvalidFramesCloseTheConnection() async throws {
    let cases: [(BadFrame, @Sendable (Peer) -> Void)] = [
      (.binary, { $0.send(.binary, [0, 1, 2]) }),
      (.tooLarge, { $0.send(.text, Array(repeating: 0x20, count: 2049)) }),
      (
        .tooLarge,
        {
          $0.send(.text, Array(repeating: 0x20, count: 2000), fin: false)
          $0.send(.continuation, Array(repeating: 0x20, count: 2000))
        }
      ),
      (.invalidWebSocket, { $0.send(.continuation, [0x20]) }),
      (.invalidWebSocket, { $0.send(.connectionClose, [0x03]) }),
      (.invalidWebSocket, { $0.send(.ping, Array(repeating: 0, count: 126)) }),
    ]
    for (mistake, send) in cases {
      let (connection, peer, _) = try await connected(
        options: ConnectionOptions(maximumFrameBytes: 2048))
      send(peer)
      #expect(try await peer.closeCode() == mistake.closeCode.rawValue)
      #expect(await connection.closed == .badFrame(mistake))
    }
  }

  @Test func serversCloseCodeIsToldToWhoeverWaits() async throws {
    let (connection, peer, _) = try await connected()
    let contacts = Task { try await connection.contacts() }
    _ = try await peer.request()
    peer.close(4008)
    let reason = CloseReason.closedByServer(code: 4008, reason: "")
    await #expect(throws: ClientError.disconnected(reason)) { try await contacts.value }
    #expect(await connection.closed.closeCode == .tooSlow)
    await #expect(throws: ClientError.disconnected(reason)) { try await connection.contacts() }
  }

  @Test func lostConnectionFailsWhatWaits() async throws {
    let (connection, peer, _) = try await connected()
    let contacts = Task { try await connection.contacts() }
    _ = try await peer.request()
    peer.drop()
    await #expect(throws: ClientError.self) { try await contacts.value }
    guard case .lost = await connection.closed else {
      Issue.record("closed for another reason")
      return
    }
  }

  @Test func receiverThatTakesNoMorePushesIsDisconnected() async throws {
    let server = try await ScriptedServer()
    async let connecting = Connection.connect(to: server.address) { _ in false }
    let peer = try await server.accept()
    let connection = try await connecting
    peer.push(Fixture.presence(online: true))
    #expect(await connection.closed == .fellBehind)
  }

  @Test func cancelledTaskGivesItsRequestUp() async throws {
    let (connection, peer, _) = try await connected()
    let task = Task { try await connection.contacts() }
    _ = try await peer.request()
    task.cancel()
    await #expect(throws: ClientError.cancelled) { try await task.value }
  }

  @Test func requestThatIsNeverAnsweredTimesOut() async throws {
    let server = try await ScriptedServer()
    async let connecting = Connection.connect(
      to: server.address, options: ConnectionOptions(replyTimeout: .milliseconds(1))
    ) { _ in true }
    let connection = try await connecting
    await #expect(throws: ClientError.timedOut) {
      try await connection.hello(Hello(client: "test"))
    }
  }

  // MARK: Connecting

  @Test func serverThatListensNowhereIsUnreachable() async throws {
    let port = try ClosedPort()
    await #expect(throws: ClientError.unreachable("Nothing listens at \(port.address).")) {
      try await Connection.connect(to: port.address) { _ in true }
    }
  }

  @Test(arguments: ["martlet.v2", nil])
  func serverOfAnotherSubprotocolIsNoMartletServer(subprotocol: String?) async throws {
    let server = try await ScriptedServer(subprotocol: subprotocol)
    await #expect(throws: notMartlet(server.address)) {
      try await Connection.connect(to: server.address) { _ in true }
    }
  }

  @Test(arguments: ["HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-Open\r\n", ""])
  func serverThatSpeaksSomethingElseIsNoMartletServer(answer: String) async throws {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Recital(answer: answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let address = try ServerAddress(
      host: "127.0.0.1", port: try #require(listener.localAddress?.port))
    await #expect(throws: notMartlet(address)) {
      // Longer than any machine is busy: this is not about time.
      try await Connection.connect(
        to: address, options: ConnectionOptions(connectTimeout: .seconds(60))
      ) { _ in true }
    }
    try await listener.close()
  }

  @Test func serverThatNeverAnswersTheHandshakeIsGivenUp() async throws {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .bind(host: "127.0.0.1", port: 0).get()
    let address = try ServerAddress(
      host: "127.0.0.1", port: try #require(listener.localAddress?.port))
    await #expect(throws: ClientError.unreachable("\(address) does not answer.")) {
      try await Connection.connect(
        to: address, options: ConnectionOptions(connectTimeout: .milliseconds(50))
      ) { _ in true }
    }
    try await listener.close()
  }

  // MARK: Parts

  private func notMartlet(_ address: ServerAddress) -> ClientError {
    .unreachable("What listens at \(address) is not a Martlet server.")
  }

  private func connected(options: ConnectionOptions = ConnectionOptions()) async throws
    -> (Connection, Peer, Log)
  {
    let server = try await ScriptedServer()
    let log = Log()
    async let connecting = Connection.connect(to: server.address, options: options) { push in
      switch push {
      case .presence(let push): log.note(push.online ? "online" : "offline")
      case .unknown(let method): log.note("unknown \(method)")
      default: log.note("\(push)")
      }
      return true
    }
    let peer = try await server.accept()
    let connection = try await connecting
    async let greeting = connection.hello(Hello(client: "test/1"))
    try await peer.greet()
    #expect(try await greeting == Fixture.greeting())
    return (connection, peer, log)
  }
}

/// Notes in order, to be waited for.
final class Log: Sendable {
  private let stream: AsyncStream<String>
  private let feed: AsyncStream<String>.Continuation

  init() { (stream, feed) = AsyncStream.makeStream() }

  func note(_ text: String) { feed.yield(text) }

  func wait(for count: Int) async -> [String] {
    var notes: [String] = []
    for await note in stream {
      notes.append(note)
      if notes.count == count { break }
    }
    return notes
  }
}

/// Says its piece to whoever says anything, and hangs up.
private final class Recital: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: String

  init(answer: String) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    context.close(promise: nil)
  }
}
