import MartletProtocol
import Testing

@testable import ServerCore

/// What becomes of what another node tells.
@Suite struct HearingTests {
  private let test = TestChat()
  private let conversation = ConversationID(5)

  private func message(_ sequence: Int64) -> Message {
    Message(
      conversation: conversation, sequence: MessageSequence(sequence), sender: UserID(99),
      sentAt: .sample, key: .numbered(UInt64(sequence)), text: "text \(sequence)")
  }

  private func told(_ message: Message, to users: UserID...) -> NodeEvent {
    .message(message.reference, users: users)
  }

  @Test func messagesAreReadAndSentToThoseWhomTheyConcern() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    let (first, second) = (message(1), message(2))
    test.store.change { $0.page = HistoryPage(messages: [first, second], more: false, reads: []) }
    let before = alice.mailbox.events
    let id = alice.signedIn.user.id
    let read = OutgoingPush(
      ReadPush(conversation: conversation, user: id, sequence: MessageSequence(1)))
    await test.chat.hear(
      [told(first, to: id), .push(read, users: [id]), told(second, to: id)], from: NodeID(1))
    let pushes = alice.mailbox.events.dropFirst(before.count)
    #expect(
      Array(pushes) == [
        .pushed(.message(MessagePush(message: first))),
        .pushed(
          .read(ReadPush(conversation: conversation, user: id, sequence: MessageSequence(1)))),
        .pushed(.message(MessagePush(message: second))),
      ])
    #expect(!bob.mailbox.pushes.contains { if case .message = $0 { true } else { false } })
  }

  @Test func whoseMessagesCannotBeReadComesAgain() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.connected("bob"))
    test.store.change { $0.failure = .unavailable }
    await test.chat.hear([told(message(1), to: alice.signedIn.user.id)], from: NodeID(1))
    #expect(alice.mailbox.events.last == .closed(.goingAway))
    #expect(!bob.mailbox.events.contains(.closed(.goingAway)))
  }

  @Test func soDoesWhoseConversationIsLocked() async throws {
    let alice = try await test.connected("alice")
    test.store.change { $0.locked = [conversation] }
    await test.chat.hear([told(message(1), to: alice.signedIn.user.id)], from: NodeID(1))
    #expect(alice.mailbox.events.last == .closed(.goingAway))
  }
}
