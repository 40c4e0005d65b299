import MartletProtocol
import TestSupport
import Testing

@testable import ServerCore

/// What whoever guesses passwords gets from the use cases.
@Suite struct GuessingTests {
  private let test = TestChat()
  private let stranger = Origin.network([192, 0, 2, 66])

  private func refusal(_ name: String) async -> RPCError? {
    await #expect(throws: RPCError.self) {
      try await test.chat.login(
        Login(name: name, password: "a wrong password", device: ""), from: stranger)
    }
  }

  @Test func whoGuessesWaitsAndNothingIsHashedForThem() async throws {
    _ = try await test.account("alice")
    for _ in 0..<5 { #expect(await refusal("alice")?.code == .wrongCredentials) }
    let error = await refusal("alice")
    #expect(error?.code == .tooManyAttempts)
    #expect(error?.retryAfter == 2000)
    #expect(test.passwords.hashes == 5)
    test.clock.advance(by: .seconds(1))
    #expect(await refusal("alice")?.code == .wrongCredentials)
    #expect(await refusal("alice")?.retryAfter == 3000)
  }

  @Test func whetherThereIsSuchAnAccountCannotBeTold() async throws {
    _ = try await test.account("alice")
    var refusals: [String: [RPCError?]] = [:]
    for name in ["alice", "nobody"] {
      for _ in 0..<7 { refusals[name, default: []].append(await refusal(name)) }
    }
    #expect(refusals["alice"] == refusals["nobody"])
  }

  @Test func anotherSpellingHasNoAttemptsOfItsOwn() async throws {
    _ = try await test.account("alice")
    for _ in 0..<5 { _ = await refusal("alice") }
    #expect(await refusal("ALICE")?.code == .tooManyAttempts)
  }

  @Test func theRightPasswordTooEarlyIsRefusedAsWell() async throws {
    _ = try await test.account("alice")
    for _ in 0..<5 { _ = await refusal("alice") }
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.login(
        Login(name: "alice", password: "a good password", device: ""), from: stranger)
    }
    #expect(error?.code == .tooManyAttempts)
    let home = Origin.network([198, 51, 100, 1])
    _ = try await test.chat.login(
      Login(name: "alice", password: "a good password", device: ""), from: home)
  }

  @Test func aDatabaseThatIsAwayCostsNoAttempts() async throws {
    _ = try await test.account("alice")
    test.store.change { $0.failure = .unavailable }
    for _ in 0..<20 { #expect(await refusal("alice")?.code == .unavailable) }
    test.store.change { $0.failure = nil }
    #expect(await refusal("alice")?.code == .wrongCredentials)
  }

  @Test func aStolenScreenDoesNotGuessThePassword() async throws {
    let alice = try await test.signedIn("alice")
    func refusal() async -> RPCError? {
      await #expect(throws: RPCError.self) {
        try await test.chat.changePassword(
          ChangePassword(currentPassword: "a wrong password", newPassword: "another good one"),
          as: alice)
      }
    }
    for _ in 0..<5 { #expect(await refusal()?.code == .wrongCredentials) }
    #expect(await refusal()?.code == .tooManyAttempts)
  }

  @Test func aNameThatIsTakenIsNoAccountMade() async throws {
    _ = try await test.account("alice")
    for _ in 0..<100 {
      let error = await #expect(throws: RPCError.self) {
        try await test.chat.register(
          RegisterAccount(name: "alice", password: "a good password"), from: stranger)
      }
      #expect(error?.code == .nameTaken)
    }
  }

  @Test func whoGuessesIsNamedInTheLog() async {
    _ = await refusal("nobody")
    #expect(test.log.text.contains("192.0.2.66"))
  }

  @Test func anAddressCannotFillTheContacts() async throws {
    for number in 0..<50 {
      _ = try await test.chat.register(
        RegisterAccount(name: "user\(number)", password: "a good password"), from: stranger)
    }
    let hashes = test.passwords.hashes
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.register(
        RegisterAccount(name: "one.more", password: "a good password"), from: stranger)
    }
    #expect(error?.code == .tooManyAttempts)
    #expect(test.passwords.hashes == hashes)
    #expect(test.store.read(\.accounts).count == 50)
  }
}
