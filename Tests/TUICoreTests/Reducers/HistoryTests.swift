import MartletProtocol
import Testing

@testable import TUICore

@Suite struct HistoryTests {
  let seven = Target.conversation(ConversationID(7))

  @Test func openingAConversationAsksForItsNewestMessages() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.leilei, conversation: 7, last: MessageSequence(9))
    ])
    client.press(.enter)
    #expect(client.effects.contains(.loadHistory(seven, .latest, limit: 100)))
    #expect(client.shows("loading…"))
    client.type("x")
    #expect(client.loads.isEmpty, "one request at a time")
  }

  @Test func aConversationThatDoesNotExistYetAsksForNothing() {
    var client = Client.signedIn()
    client.press(.enter)
    #expect(client.loads.isEmpty)
    #expect(client.shows("No messages yet"))
  }

  @Test func scrollingUpAsksForOlderMessagesUntilTheStart() {
    var client = Client.chatting(messages: Client.messages(101...200), more: true)
    #expect(client.loads.isEmpty)
    while client.loads.isEmpty { client.press(.pageUp) }
    #expect(client.loads == [.before(MessageSequence(101))])
    let shown = client.text
    client.apply(
      .historyLoaded(
        seven, .before(MessageSequence(101)),
        .init(
          conversation: ConversationID(7), messages: Client.messages(1...100), more: false,
          reads: [])))
    #expect(client.text[2..<20] == shown[2..<20], "what is being read stays where it is")
    for _ in 1...40 { client.press(.pageUp) }
    #expect(client.shows("beginning of the conversation"))
    #expect(client.loads.isEmpty)
  }

  @Test func missedMessagesAreShownAsAGapAndAskedFor() {
    var client = Client.chatting(messages: Client.messages(1...5))
    client.apply(.messageReceived(Client.message(8, from: Client.leilei, "eight")))
    #expect(client.shows("2 messages missing"))
    #expect(client.loads == [.before(MessageSequence(8))])
    client.apply(
      .historyLoaded(
        seven, .before(MessageSequence(8)),
        .init(
          conversation: ConversationID(7), messages: Client.messages(6...7), more: true, reads: []))
    )
    #expect(!client.shows("missing"))
    #expect(client.loads.isEmpty)
  }

  @Test func aGapThatTheServerCannotFillIsNotAskedForAgain() {
    var client = Client.chatting(messages: Client.messages(1...5))
    client.apply(.messageReceived(Client.message(8, from: Client.leilei, "eight")))
    client.apply(
      .historyLoaded(
        seven, .before(MessageSequence(8)),
        .init(conversation: ConversationID(7), messages: [], more: true, reads: [])))
    #expect(client.loads.isEmpty)
    #expect(!client.shows("missing"))
  }

  @Test func afterTheConnectionWasLostTheTailIsFetched() {
    var client = Client.chatting(messages: Client.messages(1...5))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.resumed(behind: []))
    #expect(client.effects.contains(.loadContacts(after: nil, limit: 200)))
    client.apply(contacts(last: 9))
    #expect(client.loads == [.after(MessageSequence(5))])
    #expect(!client.marksRead, "what has not come has not been read")
  }

  @Test func theOpenConversationCatchesUpBeforeTheContactListGetsToIt() {
    var client = Client.chatting(messages: Client.messages(1...5))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    let summary = Client.contact(
      Client.leilei, conversation: 7, last: MessageSequence(9), read: MessageSequence(5), unread: 4
    ).conversation
    client.apply(.resumed(behind: [summary].compactMap { $0 }))
    #expect(client.loads == [.after(MessageSequence(5))])
    #expect(client.shows("4 unread"))
    #expect(client.asksForContacts)
  }

  @Test func afterALongAbsenceTheNewestPageComesFirst() {
    var client = Client.chatting(messages: Client.messages(1...5))
    client.apply(.resumed(behind: []))
    client.apply(contacts(last: 5000))
    #expect(client.loads == [.latest])
    client.apply(
      .historyLoaded(
        seven, .latest,
        .init(
          conversation: ConversationID(7), messages: Client.messages(4901...5000), more: true,
          reads: [])))
    #expect(client.shows("message 5000"))
    #expect(client.loads.isEmpty)
    while client.loads.isEmpty { client.press(.pageUp) }
    #expect(client.loads == [.before(MessageSequence(4901))])
    client.press(.pageUp)
    #expect(client.shows("4895 messages missing"))
  }

  @Test func aFailedRequestIsTriedAgainOnScrollingOnly() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.leilei, conversation: 7, last: MessageSequence(9))
    ])
    client.press(.enter)
    client.apply(.historyFailed(seven, .latest, .refused(RPCError(.overloaded, ""))))
    #expect(client.loads.isEmpty)
    #expect(client.shows("could not load"))
    client.press(.pageUp)
    #expect(client.loads == [.latest])
  }

  @Test func whatFailsForTheMomentIsAskedForAgainByItselfAndNotAtOnce() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.leilei, conversation: 7, last: MessageSequence(9))
    ])
    client.press(.enter)
    client.apply(.historyFailed(seven, .latest, .connectionLost))
    #expect(client.effects == [.schedule(.retry, afterMilliseconds: 1000)])
    client.apply(.contactsFailed(.refused(RPCError(.unavailable, "", retryAfter: 5000))))
    #expect(client.effects.isEmpty, "the timer is running")
    client.apply(.timerFired(.retry))
    #expect(client.loads == [.latest])
    #expect(client.asksForContacts)
  }

  @Test func aMessageOfAConversationNotKnownAsksForTheContactsOnce() {
    var client = Client.signedIn()
    let message = Client.message(3, from: Client.carol, "hello", conversation: 70)
    client.apply(.messageReceived(message))
    #expect(client.asksForContacts)
    #expect(client.effects.contains(.bell))
    client.apply(.messageReceived(Client.message(4, from: Client.carol, "?", conversation: 70)))
    #expect(!client.asksForContacts)
    client.apply(
      .contactsLoaded(
        .init(
          contacts: [
            Client.contact(Client.carol, conversation: 70, last: MessageSequence(4), unread: 2)
          ], next: nil)))
    #expect(client.shows("2 unread"))
    client.apply(.messageReceived(Client.message(5, from: Client.carol, "!", conversation: 70)))
    #expect(client.shows("3 unread"))
  }

  @Test func whatComesUpWhileTheContactsLoadIsAskedForAtTheEnd() {
    var client = Client.signedIn()
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.resumed(behind: []))
    #expect(client.asksForContacts)
    client.apply(
      .messageReceived(Client.message(1, from: Client.carol, "hello", conversation: 70)))
    #expect(!client.asksForContacts)
    client.apply(.contactsLoaded(.init(contacts: [], next: nil)))
    #expect(client.asksForContacts)
    client.apply(.contactsLoaded(.init(contacts: [], next: nil)))
    #expect(!client.asksForContacts)
  }

  @Test func aPageOfAnotherConversationIsNotTaken() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.leilei, conversation: 7, last: MessageSequence(9))
    ])
    client.press(.enter)
    client.apply(
      .historyLoaded(
        seven, .latest,
        .init(
          conversation: ConversationID(8),
          messages: [Client.message(9, from: Client.bob, "elsewhere", conversation: 8)],
          more: false, reads: [])))
    #expect(!client.shows("elsewhere"))
    #expect(client.shows("could not load"))
    #expect(client.loads.isEmpty)
  }

  @Test func resizingKeepsTheMessageBeingRead() {
    var client = Client.chatting(messages: Client.messages(1...100))
    for _ in 1...3 { client.press(.pageUp) }
    let lastRow = client.text[20]
    for (columns, rows) in [(40, 12), (200, 50), (20, 5), (19, 4), (80, 24)] {
      client.apply(.resized(Size(columns: columns, rows: rows)))
    }
    #expect(client.text[20] == lastRow)
  }

  @Test func clearingTheViewHidesMessagesUntilOneScrollsUp() {
    var client = Client.chatting(messages: Client.messages(1...5))
    client.type("/clear")
    client.press(.enter)
    #expect(!client.shows("message 5"))
    client.apply(.messageReceived(Client.message(6, from: Client.leilei, "after")))
    #expect(client.shows("after"))
    client.press(.pageUp)
    #expect(client.shows("message 5"))
  }

  @Test func aRestoredDatabaseReplacesTheMessagesHeldAndNotWhatWasWritten() {
    var client = Client.chatting(messages: Client.messages(1...5))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.type("unsent")
    client.press(.enter)
    client.type("draft")
    client.apply(.historyVoided)
    client.apply(.resumed(behind: []))
    #expect(client.sentTexts == ["unsent"])
    #expect(!client.shows("message 5"))
    client.apply(contacts(last: 4))
    #expect(client.loads == [.latest])
    client.apply(.messageReceived(Client.message(5, from: Client.leilei, "another five")))
    #expect(client.shows("another five"))
    #expect(client.shows("unsent …"))
    #expect(client.state.chat.editor.text == "draft")
  }

  @Test func messagesArriveInTheOrderOfTheirSequence() {
    var timeline = Timeline()
    for sequence in [5, 2, 9, 2, 1] as [Int64] {
      timeline.insert(Client.message(sequence, from: Client.bob, ""))
    }
    #expect(timeline.messages.map(\.sequence.rawValue) == [1, 2, 5, 9])
    #expect((0...4).map(timeline.gap(before:)) == [0, 0, 2, 3, 0])
  }

  @Test func aPageHoldsEachMessageOnceAndNoneOfAnotherConversation() {
    var timeline = Timeline()
    let messages = [
      Client.message(2, from: Client.bob, "b"), Client.message(1, from: Client.bob, "a"),
      Client.message(2, from: Client.bob, "again"), Client.message(0, from: Client.bob, "none"),
      Client.message(3, from: Client.bob, "elsewhere", conversation: 8),
    ]
    timeline.merge(
      .init(conversation: ConversationID(7), messages: messages, more: false, reads: []),
      at: .latest)
    #expect(timeline.messages.map(\.text) == ["a", "b"])
    #expect(timeline.reachesStart)
  }

  private func contacts(last: Int64) -> Action {
    .contactsLoaded(
      .init(
        contacts: [
          Client.contact(
            Client.leilei, conversation: 7, last: MessageSequence(last),
            read: MessageSequence(5), unread: Int(last) - 5)
        ], next: nil))
  }
}

extension Client {
  /// Whether the last action asked for the contact list from its beginning.
  var asksForContacts: Bool { effects.contains(.loadContacts(after: nil, limit: 200)) }

  /// The stretches of history that the last action asked for.
  var loads: [HistoryAnchor] {
    effects.compactMap { if case .loadHistory(_, let anchor, _) = $0 { anchor } else { nil } }
  }
}
