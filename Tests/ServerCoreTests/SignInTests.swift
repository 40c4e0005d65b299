import MartletProtocol
import TestSupport
import Testing

@testable import ServerCore

@Suite struct SignInTests {
  private let test = TestChat()

  private func login(
    _ name: String, _ password: String = "a good password", device: String = "thinkpad"
  ) async throws(RPCError) -> Login.Reply {
    try await test.chat.login(
      Login(name: name, password: password, device: device), from: .local)
  }

  private func refusal(_ name: String, _ password: String) async -> RPCError? {
    do {
      _ = try await login(name, password)
      return nil
    } catch {
      return error
    }
  }

  @Test func aTokenSignsItsOwnerIn() async throws {
    let alice = try await test.account("alice")
    let reply = try await login("alice")
    #expect(reply.user == alice)
    let signedIn = try await test.chat.signIn(withToken: reply.token)
    #expect(signedIn == SignedIn(user: alice, session: reply.session))
  }

  @Test func tokensAreStoredHashed() async throws {
    _ = try await test.account("alice")
    let reply = try await login("alice")
    #expect(test.store.read(\.sessions).keys.allSatisfy { $0 != Array(reply.token.utf8) })
  }

  @Test func everyLoginIsASessionOfItsOwn() async throws {
    _ = try await test.account("alice")
    let replies = [try await login("alice"), try await login("alice")]
    #expect(replies[0].session != replies[1].session)
    #expect(replies[0].token != replies[1].token)
  }

  @Test func wrongNameAndWrongPasswordCannotBeToldApart() async throws {
    _ = try await test.account("alice")
    let wrongPassword = await refusal("alice", "another password")
    let hashes = test.passwords.hashes
    let wrongName = await refusal("nobody", "another password")
    #expect(wrongPassword?.code == .wrongCredentials)
    #expect(wrongPassword == wrongName)
    #expect(hashes == 1)
    #expect(test.passwords.hashes == 2)
  }

  @Test(arguments: [
    (String(repeating: "x", count: 1025), "a good password"), ("ali\u{0}ce", "a good password"),
    ("alice", String(repeating: "x", count: 1025)),
  ])
  func whatCannotBeRightGetsTheSameWords(_ name: String, _ password: String) async {
    let error = await refusal(name, password)
    #expect(error?.code == .wrongCredentials)
    #expect(test.store.read(\.questions).isEmpty)
  }

  @Test func anOutdatedHashIsReplaced() async throws {
    _ = try await test.account("alice", passwordHash: "old:a good password")
    _ = try await login("alice")
    #expect(test.store.read(\.accounts).map(\.passwordHash) == ["new:a good password"])
    _ = try await login("alice")
  }

  @Test(arguments: [
    ("thinkpad", "thinkpad"), ("", ""), ("a\u{1B}[31m\nb", "a[31mb"),
    (String(repeating: "笔", count: 100), String(repeating: "笔", count: 64)),
  ])
  func deviceNamesAreCutToWhatCanBeShown(_ given: String, _ stored: String) async throws {
    _ = try await test.account("alice")
    let reply = try await login("alice", device: given)
    #expect(test.store.read(\.devices)[reply.session] == stored)
  }

  @Test func anUnknownTokenIsRefused() async throws {
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.signIn(withToken: "token 1")
    }
    #expect(error?.code == .invalidToken)
  }

  @Test func resumingTellsWhatWasMissedAPageAtMost() async throws {
    let test = TestChat(limits: Limits(pageEntries: 2))
    let alice = try await test.account("alice")
    let token = try await test.chat.login(
      Login(name: "alice", password: "a good password", device: ""), from: .local
    ).token
    let summaries = (1...3).map { number in
      ConversationSummary(
        id: ConversationID(number), members: [UserID(1), UserID(2)],
        lastSequence: MessageSequence(4), readSequence: .none, unread: 4, lastMessage: nil)
    }
    test.store.change { $0.behind = summaries }
    let reply = try await test.chat.missed(Resume(token: token, cursors: []))
    #expect(reply.user == alice)
    #expect(reply.behind == Array(summaries.prefix(2)))
  }

  @Test func whatAClientHoldsBeyondTheDatabaseIsLoggedOnce() async throws {
    let test = TestChat()
    _ = try await test.account("alice")
    let token = try await test.chat.login(
      Login(name: "alice", password: "a good password", device: "desk"), from: .local
    ).token
    let summary = ConversationSummary(
      id: ConversationID(5), members: [UserID(1), UserID(2)],
      lastSequence: MessageSequence(4), readSequence: .none, unread: 4, lastMessage: nil)
    test.store.change { $0.behind = [summary] }
    let cursor = { Resume.Cursor(conversation: ConversationID(5), sequence: MessageSequence($0)) }
    _ = try await test.chat.missed(Resume(token: token, cursors: [cursor(3)]))
    #expect(!test.log.text.contains("new-epoch"))
    for _ in 1...3 { _ = try await test.chat.missed(Resume(token: token, cursors: [cursor(5)])) }
    #expect(test.log.text.ranges(of: "new-epoch").count == 1)
  }

  @Test func aSessionThatEndedWhileResumingIsRefused() async throws {
    _ = try await test.account("alice")
    let token = try await login("alice").token
    let signedIn = try await test.chat.signIn(withToken: token)
    _ = try await test.chat.logout(signedIn)
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.missed(Resume(token: token, cursors: []))
    }
    #expect(error?.code == .invalidToken)
  }

  @Test func afterLoggingOutTheTokenIsVoid() async throws {
    _ = try await test.account("alice")
    let (kept, dropped) = (try await login("alice").token, try await login("alice").token)
    _ = try await test.chat.logout(try await test.chat.signIn(withToken: dropped))
    await #expect(throws: RPCError.self) { try await test.chat.signIn(withToken: dropped) }
    _ = try await test.chat.signIn(withToken: kept)
  }
}
