import Glibc
import Logging
import MartletClient
import MartletProtocol
import TUICore
import Testing

@testable import TUIApp

/// Drafts and outbox, on a real disk.
struct SavedStateTests {
  private let directory: TemporaryDirectory
  private let server: ServerAddress
  private let problems = Reports<SavingProblem>()

  init() throws {
    directory = try TemporaryDirectory()
    server = try ServerAddress(parsing: "ws://127.0.0.1:7788")
  }

  @Test func whatWasKeptComesBackAsItWas() throws {
    let before = open()
    save(state, in: before)
    before.close()
    #expect(open().load(alice, serverID: "db-1") == state)
    let after = open()
    _ = after.load(alice, serverID: "db-1")
    save(SavedState(), forgetting: state, in: after)
    after.close()
    #expect(open().load(alice, serverID: "db-1") == SavedState())
    #expect(problems.all.isEmpty)
  }

  @Test func anotherAccountOrDatabaseSeesNothingOfIt() throws {
    let keeper = open()
    save(state, in: keeper)
    #expect(keeper.load(UserID(2), serverID: "db-1") == SavedState())
    #expect(keeper.load(alice, serverID: "db-2") == SavedState())
    #expect(keeper.load(alice, serverID: "'; DROP TABLE outbox; --\u{0}") == SavedState())
    #expect(keeper.load(alice, serverID: "db-1") == state)
  }

  @Test func messagesWaitedForSurviveAKillAndTheirDraftIsGone() throws {
    // So much that it takes the disk a while.
    let text = String(repeating: "早上好！", count: 1000)
    let messages = (1...300).map { message($0, text: "\($0) \(text)") }
    let keeper = open()
    _ = keeper.load(alice, serverID: "db-1")
    keeper.saveDraft(alice, leilei, text)
    keeper.saveOutbox(alice, messages, drafts: [leilei: ""])
    keeper.waitUntilKept()
    let killed = try directory.snapshot()
    #expect(open(killed).load(alice, serverID: "db-1") == SavedState(outbox: messages))
  }

  @Test func messagesComeBackInTheirOrderWithWhatBecameOfTheirFiles() throws {
    var messages = (1...20).map { message($0, text: "第 \($0)") }
    let keeper = open()
    _ = keeper.load(alice, serverID: "db-1")
    keeper.saveOutbox(alice, messages, drafts: [:])
    messages.removeFirst(3)
    messages[4].file = .local(
      LocalFile(
        path: "/a", name: "a.png", size: 3, modified: 4, upload: AttachmentID(high: 5, low: 6)))
    messages.append(message(21, text: ""))
    keeper.saveOutbox(alice, messages, drafts: [:])
    keeper.close()
    #expect(open().load(alice, serverID: "db-1").outbox == messages)
  }

  @Test func theLastOfManyChangesIsWritten() throws {
    let keeper = open()
    _ = keeper.load(alice, serverID: "db-1")
    for number in 1...100 { keeper.saveDraft(alice, leilei, "draft \(number)") }
    keeper.close()
    #expect(open().load(alice, serverID: "db-1").drafts == [leilei: "draft 100"])
  }

  @Test func nobodyElseMayReadTheFiles() throws {
    // As left by somebody with other ideas.
    let path = "\(directory.path)/\(SavedStateKeeper.fileName)"
    try PrivateFile.write([], to: path)
    chmod(path, 0o666)
    let keeper = open()
    save(state, in: keeper)
    let names = directory.names()
    #expect(names.contains("\(SavedStateKeeper.fileName)-wal"))
    for name in names { #expect(try directory.mode(of: name) == 0o600, "\(name)") }
  }

  @Test func theDatabaseIsNotOpenedThroughALink() throws {
    let path = "\(directory.path)/\(SavedStateKeeper.fileName)"
    try PrivateFile.write([], to: "\(directory.path)/target")
    symlink("target", path)
    let keeper = open()
    save(state, in: keeper)
    #expect(problems.all == [.unreadable, .refused])
    #expect(try PrivateFile.read("\(directory.path)/target") == [])
  }

  @Test func aDiskThatRefusesIsReportedAndHoldsNothingUp() throws {
    try PrivateFile.makeDirectory("\(directory.path)/\(SavedStateKeeper.fileName)")
    let keeper = open()
    #expect(keeper.load(alice, serverID: "db-1") == SavedState())
    #expect(problems.all == [.unreadable])
    keeper.saveDraft(alice, leilei, "only a draft")
    keeper.waitUntilKept()
    #expect(problems.all == [.unreadable])
    keeper.saveOutbox(alice, state.outbox, drafts: [:])
    keeper.waitUntilKept()
    #expect(problems.all == [.unreadable, .refused])
    // Once it takes something again, nothing is missing.
    rmdir("\(directory.path)/\(SavedStateKeeper.fileName)")
    keeper.saveOutbox(alice, state.outbox + [message(9, text: "later")], drafts: [:])
    keeper.close()
    #expect(problems.all == [.unreadable, .refused])
    #expect(
      open().load(alice, serverID: "db-1")
        == SavedState(
          drafts: [leilei: "only a draft"], outbox: state.outbox + [message(9, text: "later")]))
  }

  @Test func whatCouldNotBeReadIsNotTakenForDiscarded() throws {
    let before = open()
    save(state, in: before)
    before.close()
    let path = "\(directory.path)/\(SavedStateKeeper.fileName)"
    rename(path, "\(path).there")
    try PrivateFile.makeDirectory(path)
    let keeper = open()
    #expect(keeper.load(alice, serverID: "db-1") == SavedState())
    rmdir(path)
    rename("\(path).there", path)
    keeper.saveOutbox(alice, [message(9, text: "later")], drafts: [:])
    keeper.close()
    let kept = open().load(alice, serverID: "db-1")
    #expect(kept.outbox == state.outbox + [message(9, text: "later")])
    #expect(kept.drafts == state.drafts)
  }

  @Test(arguments: [0, 4096]) func aDamagedFileIsMovedAsideAndANewOneBegun(from start: Int) throws {
    let path = "\(directory.path)/\(SavedStateKeeper.fileName)"
    let before = open()
    save(state, in: before)
    before.close()
    var bytes = try #require(try PrivateFile.read(path))
    for index in start..<min(bytes.count, start + 4000) { bytes[index] = 0xA5 }
    try PrivateFile.write(bytes, to: path)
    let keeper = open()
    _ = keeper.load(alice, serverID: "db-1")
    save(state, in: keeper)
    keeper.close()
    #expect(try PrivateFile.read("\(path).damaged") == bytes)
    #expect(problems.all == [.unreadable], "it is told, and costs nothing else")
    #expect(open().load(alice, serverID: "db-1") == state)
  }

  @Test func aFileOfALaterVersionIsMovedAside() throws {
    let path = "\(directory.path)/\(SavedStateKeeper.fileName)"
    let before = open()
    save(state, in: before)
    before.close()
    try SQLiteConnection(path: path).execute("PRAGMA user_version = 99")
    #expect(open().load(alice, serverID: "db-1") == SavedState())
    #expect(try PrivateFile.read("\(path).newer") != nil)
  }

  @Test func whatMartletUsedToKeepInAFileIsTakenOverOnce() throws {
    let content = """
      {"owner":{"server":"ws://127.0.0.1:7788","serverID":"db-1","user":1},
      "drafts":[{"target":{"with":2},"text":"我马上到"},
      {"target":{"conversation":3},"text":"line\\nline"}],
      "outbox":[{"target":{"with":2},"key":"00000000-0000-0001-0000-000000000002",
      "text":"早上好！","writtenAt":"1970-01-01T00:00:01.000Z"}]}
      """
    try PrivateFile.write(content.utf8, to: oldPath)
    let keeper = open()
    #expect(keeper.load(alice, serverID: "db-1") == state)
    #expect(try PrivateFile.read(oldPath) == nil)
    keeper.close()
    #expect(open().load(alice, serverID: "db-1") == state)
  }

  @Test func anOldFileThatIsDamagedHidesNothingElse() throws {
    let before = open()
    save(state, in: before)
    before.close()
    try PrivateFile.write("{\"owner\":".utf8, to: oldPath)
    #expect(open().load(alice, serverID: "db-1") == state)
    #expect(problems.all == [.unreadable])
  }

  @Test func whatWasSentIsInNoFileOnceItIsScrubbed() throws {
    let keeper = open()
    _ = keeper.load(alice, serverID: "db-1")
    let texts = (1...300).map { "secret \($0) 机密 \(String(repeating: "x", count: $0 * 7 % 400))" }
    for number in 1...300 {
      keeper.saveDraft(alice, leilei, texts[number - 1])
      keeper.saveOutbox(
        alice, [message(number, text: texts[number - 1])], drafts: [leilei: ""])
      keeper.waitUntilKept()
    }
    keeper.saveOutbox(alice, [message(301, text: "kept")], drafts: [:])
    keeper.waitUntilKept()
    #expect(try !directory.files(holding: "机密").isEmpty, "the test finds nothing")
    keeper.scrub()
    keeper.waitForWriter()
    #expect(try directory.files(holding: "机密") == [])
    #expect(try directory.files(holding: "kept") != [])
  }

  // MARK: Support

  private let alice = UserID(1)
  private let leilei = Target.user(UserID(2))

  /// Where Martlet used to keep all this for alice.
  private var oldPath: String {
    let place = "\(server) db-1".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    return "\(directory.path)/saved-\(String(place, radix: 16))-1"
  }

  private var state: SavedState {
    SavedState(
      drafts: [leilei: "我马上到", .conversation(ConversationID(3)): "line\nline"],
      outbox: [message(2, text: "早上好！")])
  }

  private func message(_ number: Int, text: String) -> OutgoingMessage {
    OutgoingMessage(
      target: leilei, key: IdempotencyKey(high: 1, low: UInt64(number)), text: text,
      writtenAt: Timestamp(milliseconds: 1_000))
  }

  private func open(_ other: TemporaryDirectory? = nil) -> SavedStateKeeper {
    SavedStateKeeper(
      directory: (other ?? directory).path, server: server,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      report: { [problems] in problems.note($0) })
  }

  private func save(
    _ state: SavedState, forgetting old: SavedState? = nil, in keeper: SavedStateKeeper
  ) {
    _ = keeper.load(alice, serverID: "db-1")
    let forgotten = (old?.drafts ?? [:]).mapValues { _ in "" }
    keeper.saveOutbox(
      alice, state.outbox, drafts: forgotten.merging(state.drafts) { _, new in new })
    keeper.waitUntilKept()
  }
}
