import MartletProtocol
import Testing

@testable import TUICore

/// A server that goes on and on: what is asked of it comes to an end, and what is held of it has bounds.
@Suite struct EndlessServerTests {
  @Test func aListOfContactsWithoutEndIsNotAskedForWithoutEnd() {
    var client = Client.signedIn()
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.connectionChanged(.connected))
    client.apply(.resumed(behind: []))
    var asked = 0
    var number: Int64 = 0
    var mustGoOn = true
    while mustGoOn, asked < 10_000 {
      number += 1
      let somebody = Client.contact(User(id: UserID(number % 50 + 2), name: "n\(number % 50)"))
      client.state.isOnline = true
      let effects = client.state.contactsLoaded(.init(contacts: [somebody], next: "\(number)"))
      mustGoOn = effects.contains { if case .loadContacts = $0 { true } else { false } }
      asked += 1
    }
    #expect(asked == ContactsState.maximumPages)
    #expect(!client.state.chat.contacts.isLoading)
  }

  @Test func noMoreContactsAreHeldThanAnybodyHas() {
    var contacts = ContactsState()
    contacts.beginBatch()
    for number in 1...Int64(ContactsState.maximumEntries) + 100 {
      contacts.update(User(id: UserID(number), name: "n")) { $0.isOnline = true }
    }
    contacts.endBatch()
    #expect(contacts.order.count == ContactsState.maximumEntries)
    #expect(contacts.isEndless)
    // Those who are known still change.
    contacts.update(User(id: UserID(7), name: "n")) { $0.isOnline = false }
    #expect(contacts[UserID(7)]?.isOnline == false)
  }

  @Test func aSearchWithoutEndIsNotAskedForWithoutEnd() {
    var results = SearchResults(query: "a")
    var pages = 0
    while results.wantsMore(at: 0), pages < 10_000 {
      results.request = HitsPage(
        target: .conversation(ConversationID(7)), query: "a", after: pages == 0 ? nil : "\(pages)")
      pages += 1
      results.add(
        .init(hits: [], count: 0, exact: false, next: "\(pages)"), notBefore: .none)
    }
    #expect(pages == SearchResults.maximumFruitlessPages)
    var everywhere = EverywhereState(query: "a")
    pages = 0
    while everywhere.wantsMore, pages < 10_000 {
      pages += 1
      everywhere.add(.init(groups: [], next: "\(pages)"), after: "\(pages - 1)")
    }
    #expect(pages == SearchResults.maximumFruitlessPages)
  }

  @Test func hitsAreBoundedByTheirSizeToo() {
    let text = String(repeating: "a", count: 1_000_000)
    var results = SearchResults(query: "a")
    for number in 0..<100 where results.wantsMore(at: 0) {
      let hit = SearchHit(message: message(1000 - Int64(number), text), ranges: [])
      results.add(.init(hits: [hit], count: 1, exact: false, next: "\(number)"), notBefore: .none)
    }
    #expect(results.hits.count <= SearchResults.maximumBytes / 1_000_000 + 1)
  }

  @Test func messagesWithoutEndPushOthersOut() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("a draft")
    let text = String(repeating: "a", count: 60_000)
    // Not by actions: each would lay out a screen.
    let target = Target.user(Client.leilei.id)
    for sequence in Int64(4)...2604 {
      client.state.chat.take(message(sequence, text), in: target, isOwn: false)
    }
    let timeline = client.state.chat.openConversation?.timeline
    #expect((timeline?.weight ?? 0) <= ChatState.maximumHeldBytes + 8_000_000)
    // What is at the bottom is what is looked at.
    #expect(timeline?.last == MessageSequence(2604))
    #expect(timeline?.reachesStart == false && (timeline?.messages.count ?? 0) > 10)
    #expect(client.shows("a draft"))
    expectSound(client.canvas)
  }

  @Test func messagesOfOthersAreLetGoOfBeforeThoseThatAreRead() {
    var client = Client.chatting(messages: Client.messages(1...30))
    client.apply(.conversationCreated(ConversationID(8), members: [UserID(1), Client.bob.id]))
    let text = String(repeating: "a", count: 1_000_000)
    for sequence in Int64(1)...300 {
      client.apply(.messageReceived(message(sequence, text, conversation: 8, from: Client.bob)))
    }
    let others = client.state.chat.conversations[.user(Client.bob.id)]?.timeline
    #expect((others?.weight ?? .max) <= ChatState.maximumHeldBytes)
    #expect(client.shows("message 30"))
    // It is known that they are there, and they are asked for when they are wanted.
    #expect(others?.newestKnown == MessageSequence(300))
    #expect(client.state.chat.contacts[Client.bob.id]?.unread == 300)
  }

  @Test func whatIsReadStaysWhenItIsNotTheNewest() {
    var timeline = Timeline()
    let text = String(repeating: "a", count: 1000)
    for sequence in Int64(1)...100 { timeline.insert(message(sequence, text)) }
    timeline.keep(MessageSequence(50), atMost: 20_000)
    #expect(timeline.index(of: MessageSequence(50)).isHeld)
    #expect(timeline.weight <= 20_000 && timeline.messages.count >= 10)
    #expect(timeline.isBehind && timeline.gapAtEnd > 0 && !timeline.reachesStart)
    timeline.keep(nil, atMost: 0)
    #expect(timeline.messages.isEmpty && timeline.newestKnown == MessageSequence(100))
    timeline.keep(nil, atMost: 10)
  }

  @Test func numbersOfConversationsAndReadersAreBounded() {
    var client = Client.chatting(messages: Client.messages(1...3))
    for number in Int64(1)...1200 {
      client.apply(
        .messageReceived(message(1, "a", conversation: 10_000 + number, from: Client.bob)))
      client.apply(.readChanged(ConversationID(7), UserID(100 + number), MessageSequence(2)))
      client.apply(.typingReceived(ConversationID(7), UserID(100 + number)))
    }
    let chat = client.state.chat
    #expect(chat.unlisted.count <= ChatState.maximumUnlisted)
    #expect((chat.openConversation?.readMarks.count ?? 0) <= 1000)
    #expect((chat.openConversation?.typing.count ?? 0) <= 100)
    expectSound(client.canvas)
  }

  @Test func aFileOfImpossibleSizeIsMeasuredWithoutAnOverflow() {
    var meter = TransferMeter(total: .max)
    meter.note(0, at: moment("2026-11-23T00:00:00.000Z"))
    meter.note(.max, at: moment("2026-11-23T00:00:01.000Z"))
    meter.note(.max, at: moment("9999-11-23T00:00:01.000Z"))
    #expect(meter.percent == 100)
    #expect(TransferMeter(total: .min, bytes: .max).percent == 100)
    for size in [Int64.min, -1, 0, .max] {
      var client = Client.chatting(messages: [
        Message(
          conversation: ConversationID(7), sequence: MessageSequence(1), sender: Client.leilei.id,
          sentAt: moment("2026-11-23T00:00:00.000Z"), key: Client.otherKey(1), text: "",
          attachment: Attachment(
            id: AttachmentID(high: 1, low: 1), name: "a.png",
            mediaType: AttachmentFormat.png.mediaType, size: size, width: .max, height: .min))
      ])
      client.press(.up)
      client.press(.character("s"))
      client.apply(
        .attachments(.downloadAdvanced(AttachmentID(high: 1, low: 1), bytes: size)))
      client.wait(milliseconds: 1000)
      client.apply(
        .attachments(.downloadAdvanced(AttachmentID(high: 1, low: 1), bytes: .max)))
      expectSound(client.canvas)
    }
  }

  private func message(
    _ sequence: Int64, _ text: String, conversation: Int64 = 7, from sender: User = Client.leilei
  ) -> Message {
    Message(
      conversation: ConversationID(conversation), sequence: MessageSequence(sequence),
      sender: sender.id, sentAt: moment("2026-11-23T09:41:00.000Z"),
      key: Client.otherKey(sequence), text: text)
  }
}
