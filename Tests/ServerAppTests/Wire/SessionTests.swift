import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// Hello, signing in and out, and what is refused on the way.
@Suite struct SessionTests {
  @Test func helloComesFirstAndOnce() async throws {
    try await TestServer.with { server in
      let client = TestClient(try await RawWebSocket.connect(port: await server.port))
      let early = try await refusal {
        _ = try await client.call(Login(name: "a", password: "b", device: ""))
      }
      #expect(early.code == .helloRequired)
      let reply = try await client.call(Hello(client: "test"))
      #expect(reply.server.hasPrefix("martletd/"))
      let again = try await refusal { _ = try await client.call(Hello(client: "test")) }
      #expect(again.code == .alreadySaidHello)
    }
  }

  @Test func anotherVersionIsRefusedAndMayBeMended() async throws {
    try await TestServer.with { server in
      let client = TestClient(try await RawWebSocket.connect(port: await server.port))
      let error = try await refusal {
        _ = try await client.call(
          Hello(protocol: VersionRange(oldest: 7, newest: 9), client: "test"))
      }
      #expect(error.code == .unsupportedVersion)
      _ = try await client.call(Hello(client: "test"))
    }
  }

  @Test func nothingIsServedBeforeSigningIn() async throws {
    try await TestServer.with { server in
      let client = try await server.client()
      let error = try await refusal { _ = try await client.call(ListContacts(limit: 1)) }
      #expect(error.code == .signInRequired)
    }
  }

  @Test func aConnectionSignsInOnce() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let error = try await refusal {
        _ = try await alice.client.call(
          Login(name: "alice", password: "a good password", device: ""))
      }
      #expect(error.code == .alreadySignedIn)
    }
  }

  @Test func wrongNameAndWrongPasswordGetTheSameWords() async throws {
    try await TestServer.with { server in
      _ = try await server.someone("alice")
      let client = try await server.client()
      var errors: [RPCError] = []
      for (name, password) in [("alice", "wrong password"), ("nobody", "a good password")] {
        errors.append(
          try await refusal {
            _ = try await client.call(Login(name: name, password: password, device: ""))
          })
      }
      #expect(errors[0].code == .wrongCredentials)
      #expect(errors[0] == errors[1])
    }
  }

  @Test func takenNamesAreRefusedHoweverWritten() async throws {
    try await TestServer.with { server in
      _ = try await server.someone("Alice")
      let client = try await server.client()
      let error = try await refusal {
        _ = try await client.call(
          RegisterAccount(name: "ＡＬＩＣＥ", password: "a good password"))
      }
      #expect(error.code == .nameTaken)
    }
  }

  @Test func whoDoesNotSignInIsClosed() async throws {
    try await TestServer.with(limits: Limits(signInMilliseconds: 50)) { server in
      let client = TestClient(try await RawWebSocket.connect(port: await server.port))
      #expect(try await client.closeCode() == .signInTimeout)
    }
  }

  @Test func busyFailingDoesNotBuyTime() async throws {
    try await TestServer.with(limits: Limits(signInMilliseconds: 100)) { server in
      let client = TestClient(try await RawWebSocket.connect(port: await server.port))
      let wrong = Hello(protocol: VersionRange(oldest: 9, newest: 9), client: "test")
      // Ends when the server closes the connection.
      await #expect(throws: Failure.self) {
        while true {
          let error = try await refusal { _ = try await client.call(wrong) }
          #expect(error.code == .unsupportedVersion)
        }
      }
    }
  }

  @Test func whoHasSignedInHasTime() async throws {
    try await TestServer.with(limits: Limits(signInMilliseconds: 1000)) { server in
      let alice = try await server.someone("alice")
      // Somebody who connects later, and does not sign in, is closed later than Alice would be.
      let nobody = TestClient(try await RawWebSocket.connect(port: await server.port))
      #expect(try await nobody.closeCode() == .signInTimeout)
      _ = try await alice.client.call(ListContacts(limit: 1))
    }
  }

  @Test(arguments: [
    ("garbage", ErrorCode.parseError), ("[]", .invalidRequest), ("{}", .invalidRequest),
    (#"{"jsonrpc":"2.0","id":1,"method":"no.such","params":{}}"#, .unknownMethod),
    (#"{"jsonrpc":"2.0","id":1,"method":"contacts.list","params":{}}"#, .invalidParameters),
  ])
  func whatCannotBeReadKeepsTheConnection(_ text: String, _ code: ErrorCode) async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      alice.client.socket.send(.text(text))
      guard case .failure(_, let error) = try await alice.client.frame() else {
        Issue.record("not refused")
        return
      }
      #expect(error.code == code)
      _ = try await alice.client.call(ListContacts(limit: 1))
    }
  }

  @Test func tooManyPendingRequestsAreRefusedOneByOne() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let ids = await alice.client.begin(
        all: (1...65).map { _ in ListContacts(limit: 1) })
      let refused = try await alice.client.answers(to: ids).filter { $0.refusal != nil }
      #expect(refused.map(\.id) == ids.suffix(1))
      #expect(refused.first?.refusal?.code == .overloaded)
      #expect(refused.first?.refusal?.retryAfter != nil)
      _ = try await alice.client.call(ListContacts(limit: 1))
    }
  }

  // MARK: Coming back

  private func resume(
    _ someone: Someone, on server: TestServer, cursors: [Resume.Cursor] = []
  ) async throws -> (TestClient, Resume.Reply) {
    let client = try await server.client()
    let reply = try await client.call(Resume(token: someone.login.token, cursors: cursors))
    return (client, reply)
  }

  @Test func aTokenOutlivesTheServer() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      try await bob.send("second", to: .conversation(id))
      await server.stop()
      try await server.start()
      let (client, reply) = try await resume(
        alice, on: server,
        cursors: [Resume.Cursor(conversation: id, sequence: MessageSequence(1))])
      #expect(reply.user == alice.user)
      #expect(reply.session == alice.login.session)
      #expect(reply.behind.map(\.id) == [id])
      #expect(reply.behind.first?.lastMessage?.text == "second")
      let page = try await client.call(
        FetchHistory(target: .conversation(id), anchor: .after(MessageSequence(1)), limit: 9))
      #expect(page.messages.map(\.text) == ["second"])
    }
  }

  @Test func whoHasEverythingIsNotBehind() async throws {
    try await TestServer.with { server in
      let (alice, _, id) = try await server.conversation()
      let (_, reply) = try await resume(
        alice, on: server,
        cursors: [Resume.Cursor(conversation: id, sequence: MessageSequence(1))])
      #expect(reply.behind.isEmpty)
    }
  }

  @Test func anExpiredTokenIsRefused() async throws {
    try await SharedCluster.instance.withDatabase { connectionString in
      let server = try TestServer(databaseURL: connectionString, limits: Limits())
      try await server.start()
      let alice = try await server.someone("alice")
      try PostgresConnection(connectionString).execute(
        sql: "UPDATE sessions SET expires_at = now() - interval '1 second'")
      let error = try await refusal { _ = try await resume(alice, on: server) }
      #expect(error.code == .invalidToken)
      await server.stop()
    }
  }

  @Test(arguments: ["", "garbage", String(repeating: "x", count: 60_000), "a\u{0}b"])
  func aTokenThatNeverWasIsRefusedAndTheConnectionGoesOn(_ token: String) async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let client = try await server.client()
      let error = try await refusal {
        _ = try await client.call(Resume(token: token, cursors: []))
      }
      #expect(error.code == .invalidToken)
      _ = try await client.call(Resume(token: alice.login.token, cursors: []))
    }
  }

  @Test func loggingOutIsAnsweredThenToldThenClosed() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let (second, _) = try await resume(alice, on: server)
      let other = try await server.device(of: "alice")
      _ = try await alice.client.call(Logout())
      for client in [alice.client, second] {
        #expect(try await client.closeCode() == .signedOut)
        guard case .sessionEnded = try await client.push() else {
          Issue.record("not told")
          return
        }
      }
      let error = try await refusal { _ = try await resume(alice, on: server) }
      #expect(error.code == .invalidToken)
      _ = try await other.client.call(ListContacts(limit: 1))
    }
  }
}
