import FoundationEssentials
import MartletProtocol
import NIOPosix
import NIOWebSocket
import Synchronization
import TestSupport
import Testing

@testable import MartletClient

/// A server that means harm: whatever it says, the client ends with words for it and not with a trap, and
/// holds no more than it did.
@Suite(.timeLimit(.minutes(1)))
struct HostileServerTests {
  // MARK: What is said

  /// Answers to a hello with numbers that no honest server has.
  @Test(arguments: [
    "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "2147483648", "-2147483649",
  ])
  func limitsOfAnySizeAreLivedWith(number: String) async throws {
    let server = try await ScriptedServer()
    let (client, events) = Client.withEvents(configuration: configuration(server))
    await client.start(.token(Fixture.token))
    let peer = try await server.accept()
    let (hello, _) = try await peer.request()
    let names = [
      "frame_bytes", "server_frame_bytes", "text_bytes", "image_bytes", "audio_bytes",
      "query_bytes", "page_entries", "pending_requests", "password_characters", "sign_in_ms",
      "ping_ms", "pong_ms",
    ]
    // What a frame may hold is kept, so that something can be asked at all.
    let limits = names.map { "\"\($0)\":\($0 == "frame_bytes" ? "65536" : number)" }
    peer.send(
      text: """
        {"id":\(id(hello)),"jsonrpc":"2.0","result":{"epoch":\(number),"limits":{\(limits
          .joined(separator: ","))},"protocol":1,"server":"x","server_id":"x",\
        "time":"9999-12-31T23:59:59.999Z"}}
        """)
    let (resume, _) = try await peer.request()
    try peer.reply(Fixture.resume, to: resume)
    #expect(await events.contains { if case .resumed = $0 { true } else { false } })
    async let asked: Void = client.markRead(ConversationID(1), upTo: MessageSequence(.max))
    let (mark, _) = try await peer.request()
    try peer.reply(Done(), to: mark)
    try await asked
    await stop(client, peer)
  }

  @Test(arguments: ["-9223372036854775808", "9223372036854775807", "0", "3600001"])
  func nobodyIsSentAwayForMoreThanAnHour(wait: String) async throws {
    let server = try await ScriptedServer()
    let (client, events) = Client.withEvents(configuration: configuration(server))
    await client.start(.token(Fixture.token))
    let peer = try await server.accept()
    try await peer.greet()
    let (resume, _) = try await peer.request()
    defer { peer.drop() }
    peer.send(
      text: """
        {"error":{"code":1301,"data":{"retry_after":\(wait)},"message":"no"},\
        "id":\(id(resume)),"jsonrpc":"2.0"}
        """)
    peer.close(1001)
    for await event in events {
      guard case .waiting(let duration, _) = event else { continue }
      #expect(duration >= .zero && duration <= .seconds(2 * 3600))
      break
    }
    await client.stop()
  }

  @Test func repliesToNothingAndRepliesTwiceAreDropped() async throws {
    let (connection, peer) = try await connected()
    for number in [0, -1, 1000, Int64.min, Int64.max] {
      try peer.reply(Fixture.login, to: .number(number))
      peer.refuse(RPCError(.internalError, "no"), .number(number))
    }
    let asked = Task { try await connection.contacts() }
    let (request, _) = try await peer.request()
    let page = ListContacts.Reply(contacts: [], next: "a")
    try peer.reply(page, to: request)
    try peer.reply(ListContacts.Reply(contacts: [], next: "b"), to: request)
    peer.refuse(RPCError(.internalError, "no"), request)
    #expect(try await asked.value == page)
    // Nobody has taken the second for an answer to the next.
    let again = Task { try await connection.contacts() }
    let (next, _) = try await peer.request()
    try peer.reply(page, to: next)
    #expect(try await again.value == page)
    connection.close()
  }

  /// Frames that are none, or would not fit.
  @Test(arguments: [
    // A length of 2^63 - 1, of 2^64 - 1, and of 1 MiB and a byte: refused by their heads.
    ([0x81, 0x7F, 0x7F] + [UInt8](repeating: 0xFF, count: 7), BadFrame.tooLarge),
    ([0x81, 0x7F] + [UInt8](repeating: 0xFF, count: 8), .tooLarge),
    ([0x81, 0x7F, 0, 0, 0, 0, 0, 0x10, 0, 1], .tooLarge),
    // Masked; with a reserved bit; of an unknown kind; a ping in pieces.
    ([0x81, 0x82, 1, 2, 3, 4, 0x7A, 0x7F], .invalidWebSocket),
    ([0xC1, 0x02, 0x7B, 0x7D], .invalidWebSocket), ([0x83, 0x00], .invalidWebSocket),
    ([0x8B, 0x00], .invalidWebSocket), ([0x09, 0x00], .invalidWebSocket),
    // More pieces than a message has bytes.
    ([0x01, 0x01, 0x20] + (0..<1100).flatMap { _ in [0x00, 0x01, 0x20] as [UInt8] }, .tooLarge),
  ])
  func framesThatAreNoneEndTheConnection(bytes: [UInt8], mistake: BadFrame) async throws {
    let (connection, peer) = try await connected()
    peer.send(raw: bytes)
    #expect(await connection.closed == .badFrame(mistake))
  }

  @Test(arguments: [
    #"{"method":"message","params":{"message":{"conversation":1e999,"sequence":1}}}"#,
    #"{"method":"presence","params":{"user":{"id":9223372036854775808,"name":"a"},"online":true}}"#,
    #"{"method":"presence","params":{"user":{"id":1.5,"name":"a"},"online":true}}"#,
    #"{"method":"presence","params":{"user":{"id":1,"name":"\ud800"},"online":true}}"#,
    #"{"method":"presence","params":{"user":{"id":1,"name":[]},"online":"yes"}}"#,
    #"{"method":"typing","params":[1,2]}"#,
    #"{"method":"server.draining","params":{"retry_after":"soon"}}"#,
    #"{"method":"conversation","params":{"conversation":1,"members":{"0":1}}}"#,
    #"{"method":"cleared","params":{"conversation":1,"sequence":-1e30,"by":1}}"#,
    "{\"method\":\"presence\",\"params\":" + String(repeating: "{\"a\":", count: 2000),
    "{\"method\":\"presence\",\"params\":{\"online\":true,\"user\":{\"id\":1,\"name\":\""
      + String(repeating: "a", count: 129) + "\"}}}",
  ])
  func pushesThatAreNoneEndTheConnection(text: String) async throws {
    let (connection, peer) = try await connected()
    peer.send(text: text)
    #expect(await connection.closed == .badFrame(.notAMessage))
    #expect(
      BadFrame.notAMessage.closeCode == .invalidText
        && CloseReason.badFrame(.notAMessage).description.contains("does not understand"))
  }

  @Test func pushesThatNobodyReadsAreBoundedByTheirSizeToo() async throws {
    let events = ClientEvents(capacity: 100_000)
    let text = String(repeating: "a", count: 1_000_000)
    let message = Message(
      conversation: ConversationID(1), sequence: MessageSequence(1), sender: UserID(2),
      sentAt: Timestamp(milliseconds: 0), key: IdempotencyKey(high: 1, low: 1), text: text)
    var taken = 0
    while events.offer(.push(.message(MessagePush(message: message)))) { taken += 1 }
    #expect((20...40).contains(taken))
    // Room is made by reading.
    for await _ in events { break }
    #expect(events.offer(.push(.message(MessagePush(message: message)))))
  }

  // MARK: Handshakes

  /// What is no handshake, or one without end.
  @Test(arguments: [
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/v1/socket\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Protocol: martlet.v1\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
    "HTTP/9.9 101 \u{1B}[2J\r\n\r\n", "HTTP/1.1 101\r\nContent-Length: -1\r\n\r\n",
    String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 1000),
    "HTTP/1.1 101 OK\r\nX: " + String(repeating: "a", count: 100_000),
    "HTTP/1.1 101 OK\r\n" + String(repeating: "X: a\r\n", count: 20_000),
  ])
  func handshakesThatAreNoneAreGivenUp(answer: String) async throws {
    let listener = try await RawListener(saying: answer)
    let address = try ServerAddress(host: "127.0.0.1", port: listener.port)
    await #expect(
      throws: ClientError.unreachable("What listens at \(address) is not a Martlet server.")
    ) {
      try await Connection.connect(to: address) { _ in true }
    }
  }

  @Test func aHandshakeThatComesByteByByteIsGivenUp() async throws {
    let listener = try await RawListener(saying: [Array("HTTP/1.1 1".utf8)], hangsUp: false)
    let address = try ServerAddress(host: "127.0.0.1", port: listener.port)
    await #expect(throws: ClientError.unreachable("\(address) does not answer.")) {
      try await Connection.connect(
        to: address, options: ConnectionOptions(connectTimeout: .milliseconds(50))
      ) { _ in true }
    }
  }

  // MARK: Transfers

  /// Answers to a request for a file of ten bytes.
  @Test(arguments: [
    // Not HTTP, or not whole.
    "", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n0123456789",
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n0123456789",
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n01234",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n0123456789\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 200_000) + "\r\n\r\n",
    // More or less than there is.
    "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789a",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n0123456789abcdef",
    "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 11\r\n\r\n0123456789a",
    // Of another question, or with numbers beyond all numbers.
    "HTTP/1.1 206 Partial\r\nContent-Length: 10\r\n\r\n0123456789",
    "HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n56789",
    "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0--9223372036854775808/-9223372036854775808\r\n"
      + "Content-Length: 1\r\n\r\n0",
    "HTTP/1.1 206 Partial\r\nContent-Range: bytes 9223372036854775807-9223372036854775807/"
      + "9223372036854775807\r\nContent-Length: 1\r\n\r\n0",
    "HTTP/1.1 206 Partial\r\nContent-Range: bytes 99999999999999999999-1/*\r\n\r\n0",
    // A refusal that is no refusal, and one without end.
    "HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\n\u{1B}[2J",
    "HTTP/1.1 403 No\r\n\r\n" + String(repeating: "a", count: 200_000),
    "HTTP/1.1 503 No\r\nContent-Length: 70\r\n\r\n"
      + #"{"code":1300,"message":"no","data":{"retry_after":9223372036854775807}}"#,
    "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n",
  ])
  func whatIsNotTheFileIsNeverTakenForIt(answer: String) async throws {
    let listener = try await RawListener(saying: answer)
    let directory = try TestDirectory.make("fetched")
    await #expect(throws: TransferError.self) {
      try await transfers(at: listener.port).download(
        AttachmentID(high: 1, low: 2), size: 10, to: directory)
    }
    let file = FileManager.default
    #expect(!file.fileExists(atPath: directory))
    let partial = AttachmentTransfers.partialPath(of: directory)
    let size = try file.attributesOfItem(atPath: partial)[.size] as? Int ?? 0
    #expect(size <= 10)
  }

  @Test(arguments: [301, 302, 303, 307, 308])
  func noTokenFollowsARedirect(status: Int) async throws {
    let other = try await RawListener(saying: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    let listener = try await RawListener(
      saying: "HTTP/1.1 \(status) Go\r\nLocation: http://127.0.0.1:\(other.port)/v1/attachments\r\n"
        + "Content-Length: 0\r\n\r\n")
    let path = try TestDirectory.make("fetched")
    let error = await #expect(throws: TransferError.self) {
      try await transfers(at: listener.port).download(
        AttachmentID(high: 1, low: 2), size: 10, to: path)
    }
    guard case .refused = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try #require(await listener.requests.next()).contains("Authorization: Bearer"))
    #expect(other.requests.count == 0)
  }

  @Test(arguments: [Int64.max, (1 << 30) + 1, -1, .min])
  func filesOfImpossibleSizesAreNotFetched(size: Int64) async throws {
    let listener = try await RawListener(saying: "")
    let path = try TestDirectory.make("fetched")
    await #expect(throws: TransferError.self) {
      try await transfers(at: listener.port).download(
        AttachmentID(high: 1, low: 2), size: size, to: path)
    }
    #expect(listener.requests.count == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  /// Answers to an upload that has been announced.
  @Test(arguments: [
    #"{"id":"00000000-0000-0001-0000-000000000002","offset":9223372036854775807}"#,
    #"{"id":"00000000-0000-0001-0000-000000000002","offset":-9223372036854775808}"#,
    #"{"id":"x","offset":0}"#, #"{"id":7}"#, "[]", "",
  ])
  func uploadsWithImpossiblePlacesAreGivenUp(body: String) async throws {
    let listener = try await RawListener(
      saying: "HTTP/1.1 201 Created\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    let path = try TestDirectory.make("a.png")
    try Data([1, 2, 3]).write(to: URL(filePath: path))
    await #expect(throws: TransferError.notUnderstood) {
      try await transfers(at: listener.port).upload(
        UploadSource(path: path, name: "a.png", size: 3))
    }
  }

  // MARK: Parts

  private func id(_ id: RequestID?) -> String {
    guard case .number(let number)? = id else { return "null" }
    return "\(number)"
  }

  /// Ends a session, as its server sees it.
  private func stop(_ client: Client, _ peer: Peer) async {
    async let stopped: Void = client.stop()
    while let frame = await peer.frame(), frame.opcode != .connectionClose {}
    peer.drop()
    await stopped
  }

  private func configuration(_ server: ScriptedServer) -> ClientConfiguration {
    ClientConfiguration(address: server.address, name: "test/1", device: "test")
  }

  private func transfers(at port: Int) throws -> AttachmentTransfers {
    let token = SessionToken()
    token.state = .present(Fixture.token)
    var time = ClientTime.system
    time.sleep = { _ in try Task.checkCancellation() }
    return AttachmentTransfers(
      channel: TransferChannel(
        address: try ServerAddress(host: "127.0.0.1", port: port), connectTimeout: .seconds(5),
        tls: TrustedServer(TLSPolicy()), group: .singletonMultiThreadedEventLoopGroup),
      backoff: BackoffPolicy(), time: time, token: token)
  }

  private func connected() async throws -> (Connection, Peer) {
    let server = try await ScriptedServer()
    async let connecting = Connection.connect(to: server.address) { _ in true }
    let peer = try await server.accept()
    let connection = try await connecting
    async let greeting = connection.hello(Hello(client: "test/1"))
    try await peer.greet()
    _ = try await greeting
    return (connection, peer)
  }
}
