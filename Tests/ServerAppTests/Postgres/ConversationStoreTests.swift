import MartletProtocol
import ServerCore
import Testing

@testable import ServerApp

@Suite struct ConversationStoreTests {
  @Test func contactsArePagedInTheOrderOfRegistration() async throws {
    try await TestDatabase.with { database in
      var users: [UserID] = []
      for number in 1...7 { users.append(try await database.user("user\(number)")) }
      let me = users.remove(at: 3)
      var found: [[UserID]] = []
      var after = UserID(0)
      repeat {
        let page = try await database.store.contacts(of: me, after: after, limit: 4)
        found.append(page.map(\.user.id))
        after = page.last?.user.id ?? UserID(.max)
      } while after != UserID(.max)
      #expect(found == [Array(users[..<4]), Array(users[4...]), []])
    }
  }

  @Test func aContactNeverWrittenToHasNoConversation() async throws {
    try await TestDatabase.with { database in
      let (alice, _) = (try await database.user("alice"), try await database.user("bob"))
      let contacts = try await database.store.contacts(of: alice, after: UserID(0), limit: 9)
      #expect(
        contacts == [
          Contact(
            user: User(id: UserID(2), name: "bob"), online: false, lastSeen: nil,
            conversation: nil)
        ])
    }
  }

  @Test func aContactCarriesTheConversationAsItsReaderSeesIt() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write(["一", "二"], by: alice, in: conversation)
      let last = try await database.write("三", by: bob, in: conversation)
      _ = try await database.store.markRead(
        conversation, by: alice, upTo: MessageSequence(2))
      let contacts = try await database.store.contacts(of: alice, after: UserID(0), limit: 9)
      #expect(
        contacts.map(\.conversation) == [
          ConversationSummary(
            id: conversation, members: [alice, bob], lastSequence: MessageSequence(3),
            readSequence: MessageSequence(2), unread: 1,
            lastMessage: MessageExcerpt(sender: bob, sentAt: last.sentAt, text: "三"))
        ])
    }
  }

  @Test func openingIsTheSameFromBothSides() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let opened = try await database.store.openDirectConversation(of: bob, and: alice)
      #expect(opened?.id == conversation)
      let found = try await database.store.directConversation(of: bob, and: alice)
      #expect(found == conversation)
      #expect(try await database.store.members(of: conversation) == [alice, bob])
    }
  }

  @Test func aConversationIsEmptyUntilItsFirstMessage() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let before = try await database.store.openDirectConversation(of: alice, and: bob)
      #expect(before?.isEmpty == true)
      try await database.write("hi", by: alice, in: conversation)
      let after = try await database.store.openDirectConversation(of: alice, and: bob)
      #expect(after?.isEmpty == false)
    }
  }

  @Test func manyAtOnceOpenOneConversation() async throws {
    try await TestDatabase.with { database in
      let (alice, bob) = (try await database.user("alice"), try await database.user("bob"))
      let ids = try await withThrowingTaskGroup { group in
        for number in 0..<8 {
          group.addTask {
            try await number.isMultiple(of: 2)
              ? database.conversation(alice, bob) : database.conversation(bob, alice)
          }
        }
        return try await group.reduce(into: Set<ConversationID>()) { $0.insert($1) }
      }
      #expect(ids.count == 1)
      #expect(try database.holds("(SELECT count(*) FROM members) = 2"))
    }
  }

  @Test func thereIsNoConversationWithNobody() async throws {
    try await TestDatabase.with { database in
      let alice = try await database.user("alice")
      let opened = try await database.store.openDirectConversation(of: alice, and: UserID(99))
      #expect(opened == nil)
      #expect(try await database.store.members(of: ConversationID(99)) == nil)
      #expect(try database.holds("(SELECT count(*) FROM conversations) = 0"))
    }
  }

  // MARK: Unread and the excerpt

  private func summary(
    of conversation: ConversationID, for user: UserID, in database: TestDatabase
  ) async throws -> ConversationSummary? {
    try await database.store.contacts(of: user, after: UserID(0), limit: 9)
      .compactMap(\.conversation).first { $0.id == conversation }
  }

  @Test func onesOwnMessagesAreNotUnread() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write(["1", "2", "3"], by: alice, in: conversation)
      try await database.write(["4", "5"], by: bob, in: conversation)
      #expect(try await summary(of: conversation, for: alice, in: database)?.unread == 2)
      #expect(try await summary(of: conversation, for: bob, in: database)?.unread == 3)
    }
  }

  @Test func whatWasReadIsNotUnread() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write(["1", "2", "3"], by: alice, in: conversation)
      for (read, unread) in [(1, 2), (3, 0)] {
        _ = try await database.store.markRead(
          conversation, by: bob, upTo: MessageSequence(Int64(read)))
        #expect(try await summary(of: conversation, for: bob, in: database)?.unread == unread)
      }
    }
  }

  @Test func unreadIsCountedAmongTheNewestThousand() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write((1...1010).map(String.init), by: alice, in: conversation)
      #expect(try await summary(of: conversation, for: bob, in: database)?.unread == 1000)
    }
  }

  @Test func anExcerptIsTheFirstEightyScalars() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let text = "👩‍👩‍👧" + String(repeating: "长", count: 100)
      try await database.write(["earlier", text], by: alice, in: conversation)
      let excerpt = try await summary(of: conversation, for: bob, in: database)?.lastMessage
      #expect(excerpt?.text == "👩‍👩‍👧" + String(repeating: "长", count: 75))
    }
  }

  // MARK: Read marks

  @Test func aMarkMovesForwardOnlyAndNotPastTheNewest() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      try await database.write(["1", "2", "3", "4"], by: alice, in: conversation)
      let steps: [(Int64, Int64?)] = [
        (2, 2), (2, nil), (1, nil), (0, nil), (-5, nil), (.min, nil), (3, 3), (.max, 4),
        (.max, nil),
      ]
      for (asked, moved) in steps {
        let mark = try await database.store.markRead(
          conversation, by: bob, upTo: MessageSequence(asked))
        #expect(mark == moved.map(MessageSequence.init(_:)), "marked \(asked)")
      }
    }
  }

  @Test func strangersMoveNoMark() async throws {
    try await TestDatabase.with { database in
      let (alice, _, conversation) = try await database.pair()
      let eve = try await database.user("eve")
      try await database.write("hi", by: alice, in: conversation)
      let mark = try await database.store.markRead(
        conversation, by: eve, upTo: MessageSequence(1))
      #expect(mark == nil)
    }
  }

  // MARK: What was missed

  @Test func behindIsWhereverTheCursorIsNotTheNewest() async throws {
    try await TestDatabase.with { database in
      let me = try await database.user("me")
      var conversations: [ConversationID] = []
      for number in 1...5 {
        let other = try await database.user("user\(number)")
        conversations.append(try await database.conversation(me, other))
        // The fifth stays empty.
        if number < 5 {
          try await database.write(["1", "2"], by: other, in: conversations[number - 1])
        }
      }
      let cursors = [(0, 2), (1, 1), (2, 3)].map { index, sequence in
        Resume.Cursor(
          conversation: conversations[index], sequence: MessageSequence(Int64(sequence)))
      }
      let behind = try await database.store.conversations(of: me, notAt: cursors, limit: 9)
      #expect(Set(behind.map(\.id)) == Set(conversations[1...3]))
    }
  }

  @Test func theMostRecentComesFirst() async throws {
    try await TestDatabase.with { database in
      let me = try await database.user("me")
      var conversations: [ConversationID] = []
      for number in 1...4 {
        let other = try await database.user("user\(number)")
        conversations.append(try await database.conversation(me, other))
        try await database.write("hi", by: other, in: conversations[number - 1])
      }
      // Times as far apart as in life.
      try database.execute(
        "UPDATE messages SET sent_at = now() - conversation_id % 3 * interval '1 hour'")
      let behind = try await database.store.conversations(of: me, notAt: [], limit: 3)
      #expect(behind.map(\.id) == [conversations[2], conversations[0], conversations[3]])
    }
  }

  @Test func cursorsOfOthersAndTwiceTheSameDoNoHarm() async throws {
    try await TestDatabase.with { database in
      let (alice, bob, conversation) = try await database.pair()
      let eve = try await database.user("eve")
      let theirs = try await database.conversation(bob, eve)
      try await database.write("secret", by: bob, in: theirs)
      try await database.write("hi", by: bob, in: conversation)
      let cursors = [(theirs, 0), (conversation, 0), (conversation, -7), (conversation, 0)].map {
        Resume.Cursor(conversation: $0, sequence: MessageSequence($1))
      }
      let behind = try await database.store.conversations(of: alice, notAt: cursors, limit: 9)
      #expect(behind.map(\.id) == [conversation])
    }
  }
}
