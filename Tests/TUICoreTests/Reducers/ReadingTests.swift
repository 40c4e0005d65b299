import MartletProtocol
import Testing

@testable import TUICore

@Suite struct ReadingTests {
  let seven = ConversationID(7)

  @Test func aMessageLookedAtIsRead() {
    var client = Client.chatting()
    client.apply(.messageReceived(Client.message(1, from: Client.leilei, "hi")))
    #expect(client.effects.contains(.markRead(seven, MessageSequence(1))))
    #expect(!client.effects.contains(.bell))
    #expect(client.state.chat.contacts.unreadTotal == 0)
  }

  @Test func messagesThatComeTogetherAreMarkedOnce() {
    var client = Client.chatting()
    client.apply(
      .messageReceived(Client.message(1, from: Client.leilei, "hi")),
      .messageReceived(Client.message(2, from: Client.leilei, "there")))
    #expect(client.effects.filter(\.isMarkRead) == [.markRead(seven, MessageSequence(2))])
    #expect(client.shows("hi"))
    #expect(client.shows("there"))
  }

  @Test func aMessageIsNotReadWhileTheTerminalHasNoFocus() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.apply(.input(.focus(false)))
    client.apply(.messageReceived(Client.message(4, from: Client.leilei, "hi")))
    #expect(client.effects.contains(.bell))
    #expect(!client.marksRead)
    #expect(client.shows("1 unread"))
    #expect(client.shows(" new "))
    client.apply(.input(.focus(true)))
    #expect(client.effects.contains(.markRead(seven, MessageSequence(4))))
    #expect(client.shows(" new "), "the line stays until one leaves")
  }

  @Test func aMessageBelowTheScrolledPaneIsNotReadUntilItIsScrolledTo() {
    var client = Client.chatting(messages: Client.messages(1...60))
    client.press(.pageUp)
    client.apply(.messageReceived(Client.message(61, from: Client.leilei, "late news")))
    #expect(!client.marksRead)
    #expect(!client.shows("late news"))
    client.press(.end)
    #expect(client.effects.contains(.markRead(seven, MessageSequence(61))))
    #expect(client.shows("late news"))
  }

  @Test func aMessageUnderHelpOrInAnotherConversationIsNotRead() {
    var client = Client.chatting()
    client.press(.function(1))
    client.apply(.messageReceived(Client.message(1, from: Client.leilei, "hi")))
    #expect(!client.marksRead)
    client.press(.escape)
    #expect(client.marksRead)
    client.press(.character("n"), .control)
    client.apply(.messageReceived(Client.message(2, from: Client.leilei, "again")))
    #expect(!client.marksRead)
    #expect(client.shows("1 unread"))
  }

  @Test func nothingIsReadBeyondAGapUntilItIsFilled() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("mine")
    client.press(.enter)
    // Stored behind messages that were missed: two of others lie between.
    client.apply(
      .messageStored(
        Client.key(1),
        .init(conversation: seven, sequence: MessageSequence(6), sentAt: client.now)))
    #expect(!client.marksRead)
    client.apply(
      .historyLoaded(
        .conversation(seven), .after(MessageSequence(3)),
        .init(conversation: seven, messages: Client.messages(4...5), more: true, reads: [])))
    #expect(client.effects.contains(.markRead(seven, MessageSequence(6))))
  }

  @Test func ownMessagesNeedNoMark() {
    var client = Client.chatting()
    client.apply(.messageReceived(Client.message(1, from: Client.alice, "from my phone")))
    #expect(!client.marksRead)
    #expect(client.state.chat.contacts.unreadTotal == 0)
  }

  @Test func theNewLineGoesWhenTheConversationIsLeft() {
    var client = ScreenTests.conversation(80, 24)
    #expect(client.shows(" new "))
    client.press(.character("n"), .control)
    client.press(.character("p"), .control)
    #expect(!client.shows(" new "))
  }

  @Test func readingOnAnotherDeviceClearsTheCount() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.bob, conversation: 8, last: MessageSequence(2), unread: 2)
    ])
    #expect(client.shows("2 unread"))
    client.apply(.readChanged(ConversationID(8), Client.alice.id, MessageSequence(2)))
    #expect(!client.shows("2 unread"))
  }

  @Test func aMessageCountedByTheContactListIsNotCountedAgainByItsPush() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.bob, conversation: 8, last: MessageSequence(2), unread: 2)
    ])
    client.apply(.messageReceived(Client.message(2, from: Client.bob, "x", conversation: 8)))
    #expect(client.shows("2 unread"))
    client.apply(.messageReceived(Client.message(3, from: Client.bob, "y", conversation: 8)))
    #expect(client.shows("3 unread"))
    client.apply(.messageReceived(Client.message(3, from: Client.bob, "y", conversation: 8)))
    #expect(client.shows("3 unread"))
  }

  @Test func aMessageThatOvertookTheContactListIsCountedBesideIt() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.bob, conversation: 8, last: MessageSequence(2), unread: 2)
    ])
    client.apply(.messageReceived(Client.message(3, from: Client.bob, "y", conversation: 8)))
    client.apply(
      .contactsLoaded(
        .init(
          contacts: [
            Client.contact(Client.bob, conversation: 8, last: MessageSequence(2), unread: 2)
          ], next: nil)))
    #expect(client.shows("3 unread"))
  }

  @Test func whatIsCountedAndNotHeldIsReadWithTheRest() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.leilei, conversation: 7, last: MessageSequence(5), unread: 1)
    ])
    client.press(.enter)
    client.apply(
      .historyLoaded(
        .conversation(seven), .latest,
        .init(
          conversation: seven, messages: [Client.message(5, from: Client.alice, "mine")],
          more: true, reads: [])))
    #expect(client.effects.contains(.markRead(seven, MessageSequence(5))))
  }

  @Test func aMarkThatWasLostWithTheConnectionIsSetAgain() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.apply(.messageReceived(Client.message(4, from: Client.leilei, "hi")))
    #expect(client.marksRead)
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.resumed(behind: []))
    client.apply(
      .contactsLoaded(
        .init(
          contacts: [
            Client.contact(
              Client.leilei, conversation: 7, last: MessageSequence(4), read: MessageSequence(3),
              unread: 1)
          ], next: nil)))
    #expect(client.effects.contains(.markRead(seven, MessageSequence(4))))
    #expect(client.state.chat.contacts.unreadTotal == 0)
  }

  @Test func aTypingNoticeGoesOutAfterSixSecondsWhoeverElseTypes() {
    var client = Client.chatting()
    client.apply(.typingReceived(seven, Client.leilei.id))
    #expect(client.shows("is typing"))
    client.wait(milliseconds: 5000)
    client.apply(.typingReceived(seven, Client.bob.id))
    #expect(client.effects == [.schedule(.typing, afterMilliseconds: 1000)])
    client.wait(milliseconds: 1000)
    client.apply(.timerFired(.typing))
    #expect(client.effects == [.schedule(.typing, afterMilliseconds: 5000)])
    #expect(!client.shows("is typing"))
  }

  @Test func nextUnreadGoesRoundTheList() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.bob, conversation: 8, last: MessageSequence(2), unread: 2),
      Client.contact(Client.carol),
    ])
    client.press(.character("2"), .alt)
    #expect(client.state.chat.open == .user(Client.carol.id))
    client.press(.character("a"), .alt)
    #expect(client.state.chat.open == .user(Client.bob.id))
  }
}

extension Client {
  /// Whether the last action marked anything as read.
  var marksRead: Bool { effects.contains(where: \.isMarkRead) }
}

extension Effect {
  fileprivate var isMarkRead: Bool { if case .markRead = self { true } else { false } }
}
