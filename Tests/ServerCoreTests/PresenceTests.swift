import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct PresenceTests {
  private let test = TestChat()

  @Test func comingAndGoingIsToldAndTheTimeRecorded() async throws {
    let bob = try await test.connected("bob")
    let alice = try await test.connected("alice")
    await test.chat.disconnected(alice.mailbox, as: alice.signedIn)
    let user = alice.signedIn.user
    #expect(
      bob.mailbox.pushes == [
        .presence(PresencePush(user: user, online: true, lastSeen: nil)),
        .presence(PresencePush(user: user, online: false, lastSeen: .sample)),
      ])
    #expect(test.store.read(\.lastSeen) == [user.id: .sample])
  }

  @Test func presenceIsNeverDroppedForSlowReceivers() async throws {
    let bob = try await test.connected("bob")
    _ = try await test.connected("alice")
    #expect(bob.mailbox.ephemeralFlags == [false])
  }

  @Test func oneOfSeveralDevicesLeavesQuietly() async throws {
    let bob = try await test.connected("bob")
    let alice = try await test.connected("alice")
    test.chat.connected(RecordingMailbox(), as: alice.signedIn)
    await test.chat.disconnected(alice.mailbox, as: alice.signedIn)
    #expect(bob.mailbox.pushes.count == 1)
    #expect(test.store.read(\.lastSeen).isEmpty)
  }

  @Test func othersAreToldEvenIfTheDatabaseIsAway() async throws {
    let bob = try await test.connected("bob")
    let alice = try await test.connected("alice")
    test.store.change { $0.failure = .unavailable }
    await test.chat.disconnected(alice.mailbox, as: alice.signedIn)
    #expect(bob.mailbox.pushes.count == 2)
  }
}
