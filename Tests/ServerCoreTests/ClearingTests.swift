import MartletProtocol
import TestSupport
import Testing

@testable import ServerCore

@Suite struct ClearingTests {
  private let test = TestChat()
  private let conversation = ConversationID(5)

  /// Two people with a conversation, and a second device of the first.
  private func people() async throws -> (
    alice: (signedIn: SignedIn, mailbox: RecordingMailbox), second: RecordingMailbox,
    bob: (signedIn: SignedIn, mailbox: RecordingMailbox)
  ) {
    let bob = try await test.connected("bob")
    let alice = try await test.connected("alice")
    let second = RecordingMailbox()
    test.chat.connected(second, as: alice.signedIn)
    test.store.change {
      $0.members[conversation] = [alice.signedIn.user.id, bob.signedIn.user.id]
      $0.cleared[conversation] = MessageSequence(44)
    }
    return (alice, second, bob)
  }

  @Test func everyOtherDeviceIsToldUpToWhereAllIsGone() async throws {
    let (alice, second, bob) = try await people()
    let before = bob.mailbox.pushes
    let reply = try await test.chat.clearHistory(
      ClearHistory(conversation: conversation), as: alice.signedIn, from: alice.mailbox)
    #expect(reply == ClearHistory.Reply(sequence: MessageSequence(44)))
    let push = ServerPush.cleared(
      ClearedPush(
        conversation: conversation, by: alice.signedIn.user.id, sequence: MessageSequence(44)))
    #expect(alice.mailbox.pushes.isEmpty)
    #expect(second.pushes == [push])
    #expect(bob.mailbox.pushes == before + [push])
    #expect(bob.mailbox.ephemeralFlags.last == false)
    #expect(test.cleaner.wakes == 1)
  }

  @Test func theLogNamesWhoAndWhereByNumber() async throws {
    let (alice, _, _) = try await people()
    _ = try await test.chat.clearHistory(
      ClearHistory(conversation: conversation), as: alice.signedIn, from: alice.mailbox)
    #expect(test.log.text.contains("history cleared"))
    #expect(!test.log.text.contains("alice"))
  }

  @Test func strangersClearNothing() async throws {
    _ = try await people()
    let eve = try await test.connected("eve")
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.clearHistory(
        ClearHistory(conversation: conversation), as: eve.signedIn, from: eve.mailbox)
    }
    #expect(error?.code == .unknownConversation)
    #expect(!test.store.read(\.questions).contains("clear"))
    #expect(test.cleaner.wakes == 0)
  }

  @Test func nobodyIsToldOfWhatTheDatabaseDidNotDo() async throws {
    let (alice, _, bob) = try await people()
    // The members are remembered from here on.
    _ = try await test.chat.membersIncluding(alice.signedIn.user.id, of: conversation)
    let before = bob.mailbox.events
    test.store.change { $0.failure = .unavailable }
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.clearHistory(
        ClearHistory(conversation: conversation), as: alice.signedIn, from: alice.mailbox)
    }
    #expect(error?.code == .unavailable)
    #expect(error?.retryAfter != nil)
    #expect(bob.mailbox.events == before)
  }
}
