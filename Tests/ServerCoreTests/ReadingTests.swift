import MartletProtocol
import Testing

@testable import ServerCore

/// Contacts, history, read marks and typing: what is asked about conversations that are there.
@Suite struct ReadingTests {
  private let test = TestChat(limits: Limits(pageEntries: 3))
  private let conversation = ConversationID(5)

  /// Two people, connected, with a conversation.
  private func pair() async throws -> (
    alice: (signedIn: SignedIn, mailbox: RecordingMailbox),
    bob: (signedIn: SignedIn, mailbox: RecordingMailbox)
  ) {
    let pair = (alice: try await test.connected("alice"), bob: try await test.connected("bob"))
    let ids = [pair.alice.signedIn.user.id, pair.bob.signedIn.user.id]
    test.store.change {
      $0.members[conversation] = ids
      $0.direct[Set(ids)] = conversation
    }
    return pair
  }

  private func contact(_ number: Int64) -> Contact {
    Contact(
      user: User(id: UserID(number), name: "user\(number)"), online: false, lastSeen: .sample,
      conversation: nil)
  }

  @Test func contactsComeInPagesUntilTheLast() async throws {
    let alice = try await test.signedIn("alice")
    test.store.change { $0.contacts = (2...8).map(contact) }
    var (pages, after): ([[Int64]], String?) = ([], nil)
    repeat {
      let page = try await test.chat.listContacts(
        ListContacts(after: after, limit: 3), as: alice)
      pages.append(page.contacts.map(\.user.id.rawValue))
      after = page.next
    } while after != nil
    #expect(pages == [[2, 3, 4], [5, 6, 7], [8]])
  }

  @Test(arguments: [(Int.min, 1), (0, 1), (2, 2), (1000, 3), (Int.max, 3)])
  func limitsAreHeldToThePage(_ asked: Int, _ got: Int) async throws {
    let alice = try await test.signedIn("alice")
    test.store.change { $0.contacts = (2...9).map(contact) }
    let page = try await test.chat.listContacts(ListContacts(limit: asked), as: alice)
    #expect(page.contacts.count == got)
  }

  @Test func aCursorThatNoPageGaveIsRefused() async throws {
    let alice = try await test.signedIn("alice")
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.listContacts(ListContacts(after: "x' OR 1=1", limit: 3), as: alice)
    }
    #expect(error?.code == .invalidParameters)
  }

  @Test func whoIsOnlineHasNoLastSeen() async throws {
    let (alice, bob) = try await pair()
    test.store.change { $0.contacts = [contact(bob.signedIn.user.id.rawValue), contact(9)] }
    let page = try await test.chat.listContacts(ListContacts(limit: 3), as: alice.signedIn)
    var shown: [Contact] = []
    test.chat.withPresence(page) { shown = $0.contacts }
    #expect(shown.map(\.online) == [true, false])
    #expect(shown.map(\.lastSeen) == [nil, .sample])
  }

  @Test func historyWithSomebodyNeverWrittenToIsEmpty() async throws {
    let alice = try await test.signedIn("alice")
    let reply = try await test.chat.history(
      FetchHistory(target: .user(UserID(9)), anchor: .latest, limit: 3), as: alice)
    #expect(
      reply == FetchHistory.Reply(conversation: nil, messages: [], more: false, reads: []))
  }

  @Test func historyIsFoundByEitherName() async throws {
    let (alice, bob) = try await pair()
    for target in [Target.conversation(conversation), .user(bob.signedIn.user.id)] {
      let reply = try await test.chat.history(
        FetchHistory(target: target, anchor: .latest, limit: 99), as: alice.signedIn)
      #expect(reply.conversation == conversation)
    }
    #expect(test.store.read(\.questions).last == "history limit 3 bytes 262144")
  }

  @Test func strangersHaveNoHistory() async throws {
    _ = try await pair()
    let eve = try await test.signedIn("eve")
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.history(
        FetchHistory(target: .conversation(conversation), anchor: .latest, limit: 3), as: eve)
    }
    #expect(error?.code == .unknownConversation)
  }

  @Test func aMovedMarkIsToldToEveryOtherDevice() async throws {
    let (alice, bob) = try await pair()
    let other = RecordingMailbox()
    test.chat.connected(other, as: alice.signedIn)
    test.store.change { $0.readMark = MessageSequence(8) }
    let before = (alice.mailbox.events, bob.mailbox.pushes)
    _ = try await test.chat.markRead(
      MarkRead(conversation: conversation, sequence: MessageSequence(100)), as: alice.signedIn,
      from: alice.mailbox)
    let push = ServerPush.read(
      ReadPush(
        conversation: conversation, user: alice.signedIn.user.id, sequence: MessageSequence(8)))
    #expect(alice.mailbox.events == before.0)
    #expect(bob.mailbox.pushes == before.1 + [push])
    #expect(other.pushes == [push])
  }

  @Test func aMarkThatDidNotMoveIsToldToNobody() async throws {
    let (alice, bob) = try await pair()
    let before = bob.mailbox.events
    _ = try await test.chat.markRead(
      MarkRead(conversation: conversation, sequence: MessageSequence(1)), as: alice.signedIn,
      from: alice.mailbox)
    #expect(bob.mailbox.events == before)
  }

  @Test func strangersMarkNothing() async throws {
    _ = try await pair()
    let eve = try await test.connected("eve")
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.markRead(
        MarkRead(conversation: conversation, sequence: MessageSequence(1)), as: eve.signedIn,
        from: eve.mailbox)
    }
    #expect(error?.code == .unknownConversation)
    #expect(!test.store.read(\.questions).contains("markRead"))
  }

  @Test func typingIsToldToTheOthersAndCanBeDoneWithout() async throws {
    let (alice, bob) = try await pair()
    let other = RecordingMailbox()
    test.chat.connected(other, as: alice.signedIn)
    _ = try await test.chat.notifyTyping(
      NotifyTyping(conversation: conversation), as: alice.signedIn, from: alice.mailbox)
    #expect(
      bob.mailbox.pushes.last
        == .typing(TypingPush(conversation: conversation, user: alice.signedIn.user.id)))
    #expect(bob.mailbox.ephemeralFlags.last == true)
    #expect(other.events.isEmpty)
  }
}
