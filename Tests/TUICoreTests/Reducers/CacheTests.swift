import MartletProtocol
import Testing

@testable import TUICore

/// The local history, as far as the reducers go: what is kept, and what is shown of it.
@Suite struct CacheTests {
  private let seven = ConversationID(7)
  private let leilei = Target.user(Client.leilei.id)

  // MARK: At start

  @Test func theLastScreenIsThereBeforeTheConnection() {
    let client = restored()
    #expect(client.shows("alice@chat.example.org"))
    #expect(client.shows("message 300"))
    #expect(client.shows("○ 李雷"), "nobody knows whether they are there")
    #expect(!client.shows("●"))
    #expect(client.shows("2 unread"))
    #expect(
      client.effects.contains(.cache(.loadHistory(Client.alice.id, seven))),
      "the rest of what is held follows")
    #expect(client.effects.contains(.loadSaved(Client.alice.id)))
    #expect(client.loads.isEmpty)
  }

  @Test func whatIsHeldIsReadAndScrolledThroughWithoutAConnection() {
    var client = restored()
    client.apply(
      .cachedHistoryLoaded(
        Client.alice.id,
        CachedHistory(conversation: seven, messages: Client.messages(100...300))))
    for _ in 1...60 { client.press(.pageUp) }
    #expect(client.shows("message 100"))
    #expect(client.shows("older messages come with the connection"))
    #expect(client.loads.isEmpty)
  }

  @Test func stretchesThatAreNotHeldShowAsGapsUntilTheyAreFilled() {
    var client = restored()
    client.apply(
      .cachedHistoryLoaded(
        Client.alice.id,
        CachedHistory(conversation: seven, messages: Client.messages(90...99))))
    for _ in 1...30 where !client.shows("101 messages missing") { client.press(.pageUp) }
    #expect(client.shows("101 messages missing ─"), "nothing is loading")
    #expect(client.loads.isEmpty, "there is no connection")
    connect(&client)
    #expect(client.loads == [.before(MessageSequence(201))])
    client.apply(page(.before(MessageSequence(201)), Client.messages(101...200), more: true))
    for _ in 1...30 where client.loads.isEmpty { client.press(.pageUp) }
    #expect(client.loads == [.before(MessageSequence(101))])
    client.apply(page(.before(MessageSequence(101)), Client.messages(91...100), more: true))
    #expect(held(client) == Array(90...300))
  }

  @Test func whatWasMissedIsAskedForBehindWhatIsHeldWithoutDoubles() {
    var client = restored()
    connect(&client, last: 303, read: 298, unread: 5)
    // Not before it is known what is held.
    #expect(client.loads.isEmpty)
    client.apply(
      .cachedHistoryLoaded(
        Client.alice.id,
        CachedHistory(conversation: seven, messages: Client.messages(250...300))))
    #expect(client.loads == [.after(MessageSequence(300))])
    client.apply(.messageReceived(Client.messages(304...304)[0]))
    client.apply(page(.after(MessageSequence(300)), Client.messages(301...303), more: false))
    #expect(held(client) == Array(201...304))
    #expect(client.shows(" new "))
  }

  @Test func aMessageWrittenWithoutAConnectionWaitsAndGoesOutWithIt() {
    var client = restored()
    client.apply(.savedLoaded(Client.alice.id, SavedState()))
    client.type("写在断线时")
    client.press(.enter)
    #expect(client.shows("写在断线时 …"))
    #expect(client.sentTexts.isEmpty)
    #expect(client.effects.contains { $0.savedOutbox != nil })
    connect(&client)
    #expect(client.sentTexts == ["写在断线时"])
    #expect(!client.effects.contains(.loadSaved(Client.alice.id)), "it is loaded already")
  }

  @Test func whatIsHeldIsSearchedWithoutAConnectionAndTheServerWithOne() {
    var client = restored()
    client.type("/search MESSAGE 29")
    client.press(.enter)
    #expect(client.shows("1/10"))
    #expect(client.shows("held here"))
    client.press(.enter)
    client.press(.enter)
    #expect(client.shows("message 299"))
    connect(&client)
    #expect(
      client.effects.contains {
        if case .search(let page, _) = $0 { page.after == nil } else { false }
      })
  }

  @Test func anotherAccountsTokenLeavesNothingOfWhatWasShown() {
    var client = restored()
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.bob))
    #expect(!client.shows("message 300"))
    #expect(!client.shows("李雷"))
    #expect(client.effects.contains(.cache(.begin(Client.bob))))
    // An answer that comes late is not theirs.
    client.apply(
      .contactsLoaded(
        .init(contacts: [Client.contact(Client.leilei, conversation: 7)], next: nil)))
    client.press(.enter)
    client.apply(
      .cachedHistoryLoaded(
        Client.alice.id,
        CachedHistory(conversation: seven, messages: Client.messages(250...300))))
    #expect(!client.shows("message 300"))
  }

  @Test func anotherServerGetsNothingOfWhatWasHeld() {
    var client = restored()
    client.apply(.savedLoaded(Client.alice.id, SavedState()))
    client.type("for the old one")
    client.press(.enter)
    client.apply(.serverReplaced)
    #expect(client.effects.contains(.cache(.erase)))
    #expect(!client.shows("message 300"))
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.alice))
    #expect(client.sentTexts.isEmpty)
    #expect(client.effects.contains(.loadSaved(Client.alice.id)))
  }

  @Test func aNewEpochDropsWhatIsHeldAndKeepsWhatIsUnsent() {
    var client = restored()
    client.apply(.savedLoaded(Client.alice.id, SavedState()))
    client.type("unsent")
    client.press(.enter)
    client.apply(.historyVoided)
    #expect(client.effects.contains(.cache(.begin(Client.alice))))
    #expect(!client.shows("message 300"))
    #expect(client.shows("unsent …"))
    // What was asked for before does not come back by the other door.
    client.apply(
      .cachedHistoryLoaded(
        Client.alice.id,
        CachedHistory(conversation: seven, messages: Client.messages(250...300))))
    #expect(!client.shows("message 300"))
  }

  // MARK: What is kept

  @Test func messagesAreKeptHoweverTheyCome() {
    var client = restored()
    connect(&client)
    client.apply(.cachedHistoryLoaded(Client.alice.id, CachedHistory(conversation: seven)))
    client.apply(.messageReceived(Client.messages(301...301)[0]))
    #expect(client.stored?.messages.map(\.sequence.rawValue) == [301])
    #expect(client.stored?.contacts[Client.leilei.id]?.lastSequence == MessageSequence(301))
    client.apply(.messageReceived(Client.messages(301...301)[0]))
    #expect(client.stored == nil, "a double is no news")
    client.type("hi")
    client.press(.enter)
    client.apply(
      .messageStored(
        Client.key(1),
        .init(conversation: seven, sequence: MessageSequence(302), sentAt: client.now)))
    #expect(client.stored?.messages.map(\.text) == ["hi"])
    client.apply(.readChanged(seven, Client.leilei.id, MessageSequence(302)))
    #expect(client.stored?.reads == [seven: [Client.leilei.id: MessageSequence(302)]])
    client.apply(page(.before(MessageSequence(201)), Client.messages(199...200), more: true))
    #expect(client.stored?.messages.map(\.sequence.rawValue) == [199, 200])
  }

  @Test func presenceAloneIsNotWorthAWrite() {
    var client = restored()
    connect(&client)
    client.apply(.presenceChanged(Client.leilei, online: true, lastSeen: nil))
    client.apply(.presenceChanged(Client.leilei, online: false, lastSeen: client.now))
    #expect(client.stored == nil)
  }

  @Test func theContactListThatChangesNothingIsNotWrittenAgain() {
    var client = restored()
    connect(&client)
    connect(&client)
    #expect(client.stored == nil)
  }

  @Test func aClearReachesTheCacheAlsoOneThatHappenedMeanwhile() {
    var client = restored()
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.alice, behind: [summary(cleared: 300)]))
    #expect(client.stored?.cleared == [seven: MessageSequence(300)])
    #expect(client.effects.contains(.scrubSaved), "some of it may have been in the outbox")
    #expect(!client.shows("message 300"))
    // What was being read from the disk then is not taken.
    client.apply(
      .cachedHistoryLoaded(
        Client.alice.id,
        CachedHistory(conversation: seven, messages: Client.messages(250...300))))
    #expect(held(client) == [])
    // It is told of with every list, and is news only once.
    client.apply(.resumed(behind: [summary(cleared: 300)]))
    #expect(client.stored?.cleared ?? [:] == [:])
    // Told of twice at once, in whatever order.
    client.apply(
      .historyCleared(seven, through: MessageSequence(305)),
      .historyCleared(seven, through: MessageSequence(304)))
    #expect(client.stored?.cleared == [seven: MessageSequence(305)])
    #expect(client.effects.contains(.scrubSaved))
  }

  @Test(arguments: [SessionEnd.loggedOut, .byServer("Revoked.")])
  func theEndOfASessionErases(end: SessionEnd) {
    var client = restored()
    connect(&client)
    client.apply(.sessionEnded(end))
    #expect(client.effects.contains(.cache(.erase)))
    #expect(client.effects.contains(.scrubSaved))
    #expect(!client.shows("message 300"))
  }

  @Test func whatComesTogetherWithTheEndOfTheSessionIsNotStored() {
    var client = restored()
    connect(&client)
    client.apply(
      .messageReceived(Client.message(301, from: Client.leilei, "hi")), .sessionEnded(.loggedOut))
    #expect(client.effects.contains(.cache(.erase)))
    #expect(client.stored == nil)
  }

  @Test func aVoidTokenErasesAndARefusalForAnotherReasonDoesNot() {
    var client = restored()
    client.apply(.signInFailed(.refused(RPCError(.invalidToken, ""))))
    #expect(client.effects.contains(.cache(.erase)))
    client = restored()
    client.apply(.signInFailed(.refused(RPCError(.unsupportedVersion, "Update."))))
    #expect(!client.effects.contains(.cache(.erase)))
  }

  @Test func withoutALocalHistoryNothingIsReadOrKept() {
    var client = Client.chatting(messages: Client.messages(1...3))
    #expect(!client.effects.contains { if case .cache = $0 { true } else { false } })
    client.apply(.messageReceived(Client.messages(4...4)[0]))
    #expect(client.stored == nil)
    client.apply(.sessionEnded(.loggedOut))
    #expect(!client.effects.contains { if case .cache = $0 { true } else { false } })
  }

  @Test(arguments: [
    (CacheProblem.unreadable, "begun anew", "已重新建立"),
    (.diskFull, "disk is full: no local history is kept.", "磁盘已满，不再保存本机历史记录"),
    (.refused, "cannot be written: none is kept.", "无法写入本机历史记录，不再保存"),
    (.notErased, "could not be erased: delete it by hand.", "未能清除，请手动删除"),
  ])
  func whatIsWrongWithItIsSaidAndStopsNothing(
    problem: CacheProblem, english: String, chinese: String
  ) {
    for (language, words) in [(Language.english, english), (.chinese, chinese)] {
      // Before anybody is signed in, and while somebody is.
      var client = Client(language: language, hasCache: true)
      client.apply(.cacheFailed(problem))
      #expect(client.shows(words))
      client.apply(.connectionChanged(.connected))
      client.apply(.signedIn(Client.alice))
      client.apply(.cacheFailed(problem))
      #expect(client.shows(words))
    }
  }

  @Test func manyChangesAreOneAndNoMoreThanThereIsRoomFor() {
    var changes = CacheChanges()
    for sequence in Int64(1)...10 {
      var next = CacheChanges()
      next.messages = Client.messages(sequence...sequence)
      next.reads = [seven: [Client.leilei.id: MessageSequence(11 - sequence)]]
      changes.merge(next, maximumMessages: 6)
    }
    #expect(changes.messages.map(\.sequence.rawValue) == [1, 2, 3, 4, 5, 6])
    #expect(changes.reads == [seven: [Client.leilei.id: MessageSequence(10)]])
    var clear = CacheChanges()
    clear.cleared = [seven: MessageSequence(4)]
    changes.merge(clear, maximumMessages: 6)
    #expect(changes.messages.map(\.sequence.rawValue) == [5, 6])
  }

  // MARK: Support

  /// Started where alice left off, in the conversation with 李雷, without a connection.
  private func restored() -> Client {
    var client = Client(hasToken: true, hasCache: true)
    let contacts = [
      CachedContact(
        user: Client.leilei, lastActivity: client.now, conversation: seven,
        lastSequence: MessageSequence(300), readSequence: MessageSequence(298), unread: 2),
      CachedContact(user: Client.bob),
    ]
    client.apply(
      .cacheRestored(
        CachedSession(
          user: Client.alice, contacts: contacts, open: leilei,
          history: CachedHistory(
            conversation: seven, messages: Client.messages(201...300)))))
    return client
  }

  /// The network comes.
  private func connect(
    _ client: inout Client, last: Int64 = 300, read: Int64 = 298, unread: Int = 2
  ) {
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.alice, behind: []))
    let effects = client.effects
    let time = client.now.description
    client.apply(
      .contactsLoaded(
        .init(
          contacts: [
            Client.contact(
              Client.leilei, conversation: 7, last: MessageSequence(last),
              read: MessageSequence(read), unread: unread, at: time),
            Client.contact(Client.bob),
          ], next: nil)))
    client.effects =
      effects.filter { if case .cache(.store) = $0 { false } else { true } }
      + client.effects
  }

  private func summary(cleared: Int64) -> ConversationSummary {
    ConversationSummary(
      id: seven, members: [Client.alice.id, Client.leilei.id],
      lastSequence: MessageSequence(cleared), clearedSequence: MessageSequence(cleared),
      readSequence: MessageSequence(cleared), unread: 0, lastMessage: nil)
  }

  private func page(_ anchor: HistoryAnchor, _ messages: [Message], more: Bool) -> Action {
    .historyLoaded(
      .conversation(seven), anchor,
      .init(conversation: seven, messages: messages, more: more, reads: []))
  }

  private func held(_ client: Client) -> [Int64] {
    client.state.chat.openConversation?.timeline.messages.map(\.sequence.rawValue) ?? []
  }
}

extension Client {
  /// What the last call keeps in the local history.
  var stored: CacheChanges? {
    effects.lazy.compactMap { effect -> CacheChanges? in
      if case .cache(.store(let changes)) = effect { changes } else { nil }
    }.last
  }
}
