import Glibc
import Logging
import MartletClient
import MartletProtocol
import TUICore
import Testing

@testable import TUIApp

/// The local history, on a real disk.
struct HistoryStoreTests {
  private let directory: TemporaryDirectory
  private let server: ServerAddress
  private let problems = Reports<CacheProblem>()

  init() throws {
    directory = try TemporaryDirectory()
    server = try ServerAddress(parsing: "ws://127.0.0.1:7788")
  }

  @Test func whatWasKeptIsThereAtTheNextStart() async throws {
    let store = begun()
    var changes = CacheChanges()
    changes.contacts = [leilei.user.id: leilei, UserID(3): CachedContact(user: bob)]
    changes.messages = messages(1...300)
    changes.reads = [seven: [leilei.user.id: MessageSequence(299)]]
    changes.opened = .user(leilei.user.id)
    store.store(changes)
    store.close()

    let next = open()
    let (session, owner) = try #require(next.restore(for: "alice"))
    #expect(owner.serverID == "db-1" && owner.epoch == 1)
    #expect(session.user == alice)
    #expect(Set(session.contacts) == Set(changes.contacts.values))
    #expect(session.open == .user(leilei.user.id))
    #expect(session.history?.messages == messages(101...300), "what the first screen needs")
    let all = await history(in: next)
    #expect(all.messages == changes.messages)
    #expect(all.reads == [ReadMark(user: leilei.user.id, sequence: MessageSequence(299))])
    #expect(
      await next.cursors() == [.init(conversation: seven, sequence: MessageSequence(300))])
  }

  @Test func messagesComeBackWithTheirFilesAndWhateverIsInTheirTexts() async throws {
    let store = begun()
    let attachment = MartletProtocol.Attachment(
      id: AttachmentID(high: 1, low: 2), name: "会议室.png",
      mediaType: MediaType(rawValue: "image/png"), size: 3, width: 4, height: 5)
    let strange = ["", "'; DROP TABLE message; --", "a\u{0}b", "\u{202E}x", "👨‍👩‍👧‍👦\n第二行"]
    var changes = CacheChanges()
    changes.messages = strange.enumerated().map { index, text in
      message(Int64(index + 1), text, attachment: index == 0 ? attachment : nil)
    }
    store.store(changes)
    #expect(await history(in: store).messages == changes.messages)
  }

  @Test func nobodyElseSeesIt() async throws {
    let store = begun()
    keep(messages(1...10), in: store)
    store.close()
    #expect(open().restore(for: "bob")?.owner == nil)
    let elsewhere = HistoryStore(
      directory: directory.path, server: try ServerAddress(host: "evil.example"), logger: silent,
      report: { [problems] in problems.note($0) })
    #expect(elsewhere.restore(for: "alice")?.owner == nil)
    let next = open()
    #expect(await history(in: next).messages == [], "nobody has begun")
    next.begin(bob, serverID: "db-1", epoch: 1)
    #expect(await history(of: bob.id, in: next).messages == [])
    #expect(await history(in: next).messages == [])
    #expect(try directory.files(holding: "message 7") == [])
  }

  @Test(arguments: [("db-1", 2), ("db-2", 1)] as [(String, Int64)])
  func anotherDatabaseOrEpochBeginsWithNothing(serverID: String, epoch: Int64) async throws {
    let store = begun()
    keep(messages(1...10), in: store)
    store.begin(alice, serverID: serverID, epoch: epoch)
    var later = CacheChanges()
    later.messages = [message(1, "later")]
    store.store(later)
    #expect(await history(in: store).messages.map(\.text) == ["later"])
    #expect(try directory.files(holding: "message 7") == [])
    store.close()
    let (_, owner) = try #require(open().restore(for: "alice"))
    #expect(owner.serverID == serverID && owner.epoch == epoch)
  }

  @Test func beginningAgainAsTheSameKeepsWhatIsThere() async throws {
    let store = begun()
    keep(messages(1...10), in: store)
    store.begin(alice, serverID: "db-1", epoch: 1)
    #expect(await history(in: store).messages.count == 10)
  }

  @Test func whatIsClearedIsInNoFile() async throws {
    let store = begun()
    // Two conversations grow into each other's pages.
    for sequence in Int64(1)...400 {
      var changes = CacheChanges()
      let filling = String(repeating: "x", count: Int(sequence * 37 % 600))
      changes.messages = [
        message(sequence, "机密 \(sequence) \(filling)"),
        message(sequence, "kept \(sequence) \(filling)", conversation: ConversationID(8)),
      ]
      store.store(changes)
      if sequence % 50 == 0 { store.waitForWriter() }
    }
    store.waitForWriter()
    #expect(try !directory.files(holding: "机密").isEmpty, "the test finds nothing")
    var clear = CacheChanges()
    clear.cleared = [seven: MessageSequence(400)]
    store.store(clear)
    store.waitForWriter()
    #expect(try directory.files(holding: "机密") == [])
    #expect(await history(in: store).messages == [])
    #expect(await history(of: alice.id, ConversationID(8), in: store).messages.count == 400)
  }

  @Test func aClearThatAKillCutShortIsCompletedAtTheNextStart() async throws {
    let store = begun()
    keep((1...50).map { message($0, "机密 \($0)") }, in: store)
    store.close()
    // Deleted, and killed before it was overwritten.
    let connection = try SQLiteConnection(path: path)
    try connection.execute("DELETE FROM message; UPDATE owner SET must_scrub = 1")
    let killed = try directory.snapshot()
    #expect(try !killed.files(holding: "机密").isEmpty)
    let next = HistoryStore(
      directory: killed.path, server: server, logger: silent,
      report: { [problems] in problems.note($0) })
    #expect(next.restore(for: "alice")?.owner != nil)
    next.waitForWriter()
    #expect(try killed.files(holding: "机密") == [])
  }

  @Test func erasedNothingIsLeftAndNothingIsKeptUntilSomebodyBegins() async throws {
    let store = begun()
    keep((1...50).map { message($0, "机密 \($0)") }, in: store)
    store.erase()
    keep([message(51, "机密, late")], in: store)
    #expect(directory.names() == [])
    store.begin(bob, serverID: "db-1", epoch: 1)
    keep([message(1, "bob's")], in: store)
    #expect(await history(of: bob.id, in: store).messages.map(\.text) == ["bob's"])
  }

  @Test func whatIsWrittenSurvivesAKillAtAnyMoment() async throws {
    let store = begun()
    for batch in Int64(0)..<20 {
      keep(messages(batch * 10 + 1...batch * 10 + 10), in: store)
      let killed = try directory.snapshot()
      let next = HistoryStore(
        directory: killed.path, server: server, logger: silent,
        report: { [problems] in problems.note($0) })
      #expect(next.restore(for: "alice")?.owner != nil)
      #expect(await history(in: next).messages == messages(1...batch * 10 + 10))
    }
  }

  @Test(arguments: [0, 4096, 8192]) func aDamagedFileIsErasedAndANewOneBegun(
    from start: Int
  ) async throws {
    let before = begun()
    keep(messages(1...500), in: before)
    before.close()
    var bytes = try #require(try PrivateFile.read(path))
    for index in start..<min(bytes.count, start + 4096) { bytes[index] = 0xA5 }
    try PrivateFile.write(bytes, to: path)
    let store = open()
    _ = store.restore(for: "alice")
    store.begin(alice, serverID: "db-1", epoch: 1)
    // What is damaged may be found at any of these.
    for _ in 1...3 {
      keep([message(501, "later")], in: store)
      _ = await history(in: store)
    }
    #expect(await history(in: store).messages.map(\.text) == ["later"])
    #expect(problems.all == [.unreadable])
    #expect(try directory.files(holding: "message 7") == [], "no clear would reach it there")
  }

  @Test func aFileOfALaterVersionIsErased() async throws {
    let before = begun()
    keep(messages(1...10), in: before)
    before.close()
    try SQLiteConnection(path: path).execute("PRAGMA user_version = 99")
    let store = open()
    #expect(store.restore(for: "alice")?.owner == nil)
    store.begin(alice, serverID: "db-1", epoch: 1)
    #expect(await history(in: store).messages == [])
    #expect(problems.all == [.unreadable])
  }

  @Test func aFileThatIsDamagedInThatWayIsFoundOutWhenSomebodyBegins() async throws {
    let before = begun()
    keep(messages(1...10), in: before)
    before.close()
    // As SQL goes it is sound; what it says is not.
    try SQLiteConnection(path: path).execute(
      """
      PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET rootpage = 999 WHERE name = 'owner'
      """)
    let store = begun()
    keep([message(1, "later")], in: store)
    #expect(await history(in: store).messages.map(\.text) == ["later"])
    #expect(problems.all == [.unreadable])
  }

  @Test func aDiskThatRefusesIsReportedOnceAndHoldsNothingUp() async throws {
    try PrivateFile.makeDirectory(path)
    try PrivateFile.write([], to: "\(path)/full")
    let store = open()
    #expect(store.restore(for: "alice")?.owner == nil)
    store.begin(alice, serverID: "db-1", epoch: 1)
    keep(messages(1...10), in: store)
    #expect(await history(in: store).messages == [])
    #expect(await store.cursors() == [])
    #expect(problems.all == [.refused])
    store.erase()
    store.waitForWriter()
    #expect(problems.all == [.refused, .notErased])
  }

  @Test func theNewestOfEachConversationAreKept() async throws {
    let store = begun(.init(messagesPerConversation: 100, messages: 1000, slack: 10))
    for batch in Int64(0)..<30 { keep(messages(batch * 10 + 1...batch * 10 + 10), in: store) }
    let kept = await history(in: store).messages.map(\.sequence.rawValue)
    #expect(kept.count >= 100 && kept.count <= 110)
    #expect(kept == Array(301 - Int64(kept.count)...300))
  }

  @Test func conversationsThatAreSilentLongestGiveWay() async throws {
    let store = begun(.init(messagesPerConversation: 100, messages: 250, slack: 0))
    for conversation in Int64(1)...5 {
      keep(
        (1...80).map { sequence in
          message(
            sequence, "m", conversation: ConversationID(conversation), at: conversation * 1000)
        }, in: store)
    }
    for conversation in Int64(1)...5 {
      let kept = await history(of: alice.id, ConversationID(conversation), in: store).messages
      #expect(kept.count == (conversation >= 3 ? 80 : 0), "\(conversation)")
    }
  }

  @Test func aFileThatWouldBeTooLargeIsNot() async throws {
    let store = begun(.init(bytes: 1 << 20))
    let text = String(repeating: "长", count: 4000)
    for conversation in Int64(1)...10 {
      keep(
        (1...20).map {
          message($0, text, conversation: ConversationID(conversation), at: conversation * 1000)
        }, in: store)
    }
    #expect(await history(of: alice.id, ConversationID(10), in: store).messages.count == 20)
    #expect(await history(of: alice.id, ConversationID(1), in: store).messages.isEmpty)
    store.close()
    #expect(try #require(try PrivateFile.read(path)).count < 2 << 20)
  }

  @Test func nobodyElseMayReadTheFiles() throws {
    let store = begun()
    keep(messages(1...10), in: store)
    for name in directory.names() { #expect(try directory.mode(of: name) == 0o600, "\(name)") }
    #expect(directory.names().count >= 2)
  }

  // MARK: Support

  private let seven = ConversationID(7)
  private let alice = User(id: UserID(1), name: "alice")
  private let bob = User(id: UserID(3), name: "bob")
  private let leilei = CachedContact(
    user: User(id: UserID(2), name: "李雷"), lastSeen: Timestamp(milliseconds: 1),
    lastActivity: Timestamp(milliseconds: 2), conversation: ConversationID(7),
    lastSequence: MessageSequence(300), readSequence: MessageSequence(299), unread: 1)
  private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private var path: String { "\(directory.path)/\(HistoryStore.fileName)" }

  private func open(_ bounds: HistoryDatabase.Bounds = .init()) -> HistoryStore {
    HistoryStore(
      directory: directory.path, server: server, bounds: bounds, logger: silent,
      report: { [problems] in problems.note($0) })
  }

  /// The store of alice at the server's first database.
  private func begun(_ bounds: HistoryDatabase.Bounds = .init()) -> HistoryStore {
    let store = open(bounds)
    store.begin(alice, serverID: "db-1", epoch: 1)
    return store
  }

  private func keep(_ messages: [Message], in store: HistoryStore) {
    var changes = CacheChanges()
    changes.messages = messages
    store.store(changes)
    store.waitForWriter()
  }

  private func history(
    of user: UserID = UserID(1), _ conversation: ConversationID = ConversationID(7),
    in store: HistoryStore
  ) async -> CachedHistory {
    await withCheckedContinuation { continuation in
      store.load(user, conversation) { continuation.resume(returning: $0) }
    }
  }

  private func message(
    _ sequence: Int64, _ text: String, conversation: ConversationID = ConversationID(7),
    attachment: MartletProtocol.Attachment? = nil, at time: Int64 = 0
  ) -> Message {
    Message(
      conversation: conversation, sequence: MessageSequence(sequence), sender: UserID(2),
      sentAt: Timestamp(milliseconds: time + sequence),
      key: IdempotencyKey(high: UInt64(conversation.rawValue), low: UInt64(sequence)), text: text,
      attachment: attachment)
  }

  private func messages(_ range: ClosedRange<Int64>) -> [Message] {
    range.map { message($0, "message \($0)") }
  }
}
