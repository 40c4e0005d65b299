import MartletProtocol
import Testing

@testable import TUICore

@Suite struct FindingPeopleTests {
  private static let many = (1...10_000).map {
    Client.contact(User(id: UserID(Int64($0) + 10), name: "user\(10_001 - $0)"))
  }

  private static func loaded() -> Client {
    var client = Client(hasToken: true)
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.alice))
    client.apply(.savedLoaded(Client.alice.id, SavedState()))
    client.apply(
      .recentContactsLoaded(
        .init(contacts: [Client.contact(Client.leilei, conversation: 7)], next: nil)))
    for start in stride(from: 0, to: many.count, by: 200) {
      let page = Array(many[start..<start + 200])
      client.apply(
        .contactsLoaded(
          .init(contacts: page, next: start + 200 < many.count ? "\(start)" : nil)))
    }
    return client
  }

  @Test func recentConversationsAreThereBeforeTheRest() {
    var client = Client(hasToken: true)
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.alice))
    #expect(client.effects.contains(.loadRecentContacts(limit: 200)))
    #expect(client.effects.contains(.loadContacts(after: nil, limit: 200)))
    client.apply(
      .recentContactsLoaded(
        .init(contacts: [Client.contact(Client.leilei, conversation: 7)], next: nil)))
    #expect(client.shows("李雷"))
    #expect(client.state.chat.contacts.selection == Client.leilei.id)
  }

  @Test func tenThousandAreInOrder() {
    let client = Self.loaded()
    let contacts = client.state.chat.contacts
    #expect(contacts.order.count == 10_001)
    #expect(contacts.order.first == Client.leilei.id)
    let names = contacts.order.dropFirst().compactMap { contacts[$0]?.user.name }
    #expect(names == names.sorted())
    // What is known of a part is not said of all.
    #expect(client.shows("Contacts 10001 "))
  }

  @Test func aBatchOrdersAsOneByOneDoes() {
    var random = SplitMix64(state: 7)
    var batched = ContactsState()
    var single = ContactsState()
    for _ in 0..<40 {
      let changes = (0..<20).map { _ in
        let id = Int64.random(in: 1...60, using: &random)
        let name = "n\(Int64.random(in: 1...60, using: &random))"
        let activity: Int64? =
          Bool.random(using: &random)
          ? Int64.random(in: 1...5, using: &random) : nil
        return (User(id: UserID(id), name: name), activity)
      }
      batched.beginBatch()
      for (user, activity) in changes {
        func change(_ entry: inout ContactEntry) {
          entry.user = user
          entry.lastActivity = activity.map { Timestamp(milliseconds: $0) }
        }
        batched.update(user, change)
        single.update(user, change)
      }
      batched.endBatch()
      #expect(batched.order == single.order)
    }
  }

  @Test func typingInTheContactsNarrowsThem() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.leilei), Client.contact(Client.bob), Client.contact(Client.carol),
      Client.contact(Client.meimei), Client.contact(User(id: UserID(9), name: "Rob-Orwell")),
    ])
    client.type("ob")
    #expect(client.state.keyContext == .contacts)
    #expect(client.state.chat.contacts.shown == [3, 9].map { UserID($0) })
    #expect(client.shows("Contacts 2: ob"))
    client.type("o")
    // In order, if not in a row.
    #expect(client.state.chat.contacts.shown == [9].map { UserID($0) })
    client.press(.backspace)
    #expect(client.state.chat.contacts.shown.count == 2)
    client.press(.escape)
    #expect(client.state.chat.contacts.shown.count == 5)
    #expect(client.state.keyContext == .contacts)
    client.press(.escape)
    #expect(client.state.keyContext == .input)
  }

  @Test func enterOpensTheFirstOfTheNarrowedList() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.leilei), Client.contact(Client.meimei), Client.contact(Client.bob),
    ])
    client.type("梅")
    client.press(.enter)
    #expect(client.state.chat.openContact == Client.meimei.id)
    #expect(client.state.chat.contacts.filter.isEmpty)
  }

  @Test func nobodyFitsAndNobodyIsOpened() {
    var client = Client.signedIn()
    client.type("zzz")
    #expect(client.shows("no match"))
    client.press(.enter)
    #expect(client.state.chat.open == nil)
  }

  @Test func somebodyNewIsShownIfTheyFit() {
    var client = Client.signedIn()
    client.type("car")
    #expect(client.state.chat.contacts.shown.isEmpty)
    client.apply(.presenceChanged(Client.carol, online: true, lastSeen: nil))
    #expect(client.shows("● carol"))
  }

  @Test func aSlashBeginsACommandAlsoFromTheContacts() {
    var client = Client.signedIn()
    client.type("/he")
    #expect(client.state.chat.editor.text == "/he")
    #expect(client.state.chat.contacts.filter.isEmpty)
  }

  @Test(arguments: [
    ("ＢＯＢ", "bob"), ("bob", "Bob"), ("雷", "李雷"), ("LI LEI", "李雷-lilei"), ("мар", "Мария"),
    ("ΣΟΦ", "σοφία"), ("유", "김유정"), ("Ｌ１", "L1"),
  ]) func theSwitcherMatchesNamesInAnyScript(pattern: String, name: String) {
    var client = Client.signedIn(contacts: [
      Client.contact(User(id: UserID(7), name: "somebody")),
      Client.contact(User(id: UserID(8), name: name)),
    ])
    client.press(.character("g"), .control)
    client.type(pattern)
    client.press(.enter)
    #expect(client.state.chat.openContact == UserID(8))
  }

  // MARK: Presence

  @Test func fewAreAllWatched() {
    var client = Client.signedIn()
    client.apply(.timerFired(.watch))
    client.apply(.presenceChanged(Client.carol, online: true, lastSeen: nil))
    #expect(client.watched == [2, 3, 4].map { UserID($0) })
    #expect(client.shows("Contacts 3/3"))
  }

  @Test func ofManyThoseInSightAndTalkedToAreWatched() throws {
    var client = Self.loaded()
    client.apply(.timerFired(.watch))
    let first = try #require(client.state.watched)
    #expect(first.count <= 500)
    #expect(first.contains(Client.leilei.id))
    let rows = client.state.contactRows
    #expect(Set(first).isSuperset(of: client.state.chat.contacts.order.prefix(2 * rows)))
    // The set changes with what is in sight, but not with every key.
    for _ in 1...10 { client.press(.pageDown) }
    #expect(client.state.isWatchTimerRunning)
    client.apply(.timerFired(.watch))
    let now = try #require(client.state.watched)
    #expect(now.contains(client.state.chat.contacts.order[10 * rows]))
    #expect(now.contains(Client.leilei.id))
    #expect(!now.contains(client.state.chat.contacts.order[5]))
  }

  @Test func scrollingAsksOnceASecond() {
    var client = Self.loaded()
    client.apply(.timerFired(.watch))
    client.apply(.timerFired(.watch))
    var asked = 0
    for _ in 1...20 {
      client.press(.pageDown)
      if client.watched != nil { asked += 1 }
    }
    #expect(asked == 1)
  }

  @Test func afterAResumeTheyAreWatchedAnew() {
    var client = Client.signedIn()
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.connectionChanged(.connected))
    client.apply(.resumed(behind: []))
    #expect(client.watched == [2, 3].map { UserID($0) })
  }

  @Test func theReplySetsPresence() {
    var client = Client.signedIn(contacts: [Client.contact(Client.bob, online: true)])
    client.apply(
      .presencesLoaded(
        .init(presences: [
          Presence(user: Client.bob.id, online: false, lastSeen: client.now),
          Presence(user: UserID(99), online: true, lastSeen: nil),
        ])))
    #expect(client.shows("○ bob"))
    #expect(client.state.chat.contacts[UserID(99)] == nil)
  }

  @Test func anOldServerIsNotAskedAgain() {
    var client = Client.signedIn()
    client.apply(.watchFailed(.refused(RPCError(.unknownMethod, ""))))
    client.apply(.timerFired(.watch))
    client.apply(.presenceChanged(Client.carol, online: true, lastSeen: nil))
    #expect(client.watched == nil)
  }
}
