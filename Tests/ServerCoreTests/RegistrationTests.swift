import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct RegistrationTests {
  private let test = TestChat()

  @discardableResult
  private func register(
    _ name: String, _ password: String = "a good password"
  ) async throws(RPCError) -> User {
    try await test.chat.register(
      RegisterAccount(name: name, password: password), from: .local
    ).user
  }

  private func refusal(_ name: String, _ password: String = "a good password") async -> RPCError? {
    do {
      try await register(name, password)
      return nil
    } catch {
      return error
    }
  }

  @Test func storesTheHashAndNotThePassword() async throws {
    let user = try await register("李雷")
    #expect(user.name == "李雷")
    #expect(test.store.read(\.accounts).map(\.passwordHash) == ["new:a good password"])
  }

  @Test func nobodyIsTakenWhileRegistrationIsClosed() async throws {
    test.chat.policy.registration = .closed
    #expect(await refusal("alice")?.code == .registrationClosed)
    #expect(test.passwords.hashes == 0, "nothing is looked at")
    test.chat.policy.registration = .open
    #expect(try await register("alice").name == "alice")
  }

  @Test func tellsEveryoneConnected() async throws {
    let bob = try await test.connected("bob")
    let user = try await register("alice")
    #expect(
      bob.mailbox.pushes == [
        .presence(PresencePush(user: user, online: false, lastSeen: nil))
      ])
  }

  @Test func aTakenNameIsRefusedAndNobodyIsTold() async throws {
    let bob = try await test.connected("bob")
    #expect(await refusal("bob")?.code == .nameTaken)
    #expect(bob.mailbox.events.isEmpty)
  }

  @Test(arguments: ["", " alice", "-alice", "al ice", "al\u{202E}ice", "al\nice", "a💥"])
  func aNameThatBreaksTheRulesIsRefusedBeforeAnyHashing(_ name: String) async {
    #expect(await refusal(name)?.code == .invalidName)
    #expect(test.passwords.hashes == 0)
  }

  @Test(arguments: ["ali\u{0}ce", String(repeating: "x", count: 1025)])
  func aNameThatTheDatabaseMayNotSeeDoesNotReachIt(_ name: String) async {
    #expect(await refusal(name)?.code == .invalidName)
    #expect(test.store.read(\.questions).isEmpty)
  }

  @Test func aWeakPasswordIsRefusedBeforeAnyHashing() async {
    #expect(await refusal("alice", "password1")?.code == .weakPassword)
    #expect(test.passwords.hashes == 0)
  }
}
