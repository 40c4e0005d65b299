import MartletProtocol
import Testing
import TortureCore

@Suite struct JournalTests {
  private static let key = IdempotencyKey(high: 0x0193, low: 7)
  private static let place = Place(ConversationID(3), MessageSequence(4))
  static let entries: [JournalEntry] = [
    .started(window: 8), .signedIn(UserID(5), token: "to.ken"),
    .intent(key, .user(UserID(6)), text: "  two lines\n\tand \\n, 早上好 \r\u{8}\u{B}\u{C}"),
    .intent(key, .conversation(ConversationID(7)), text: ""),
    .acknowledged(key, place), .failed(key, .unavailable),
    .received(
      JournalEntry.Receipt(
        place: place, sender: UserID(6), key: key, digest: TextDigest(of: "x"), source: .history)),
    .clearing(ConversationID(3)), .cleared(place, .resume), .stopped("signed out:\nelsewhere"),
  ]

  @Test(arguments: entries) func entryIsOneLineAndComesBack(_ entry: JournalEntry) {
    #expect(!entry.line.contains("\n"))
    #expect(JournalEntry(line: entry.line) == entry)
  }

  @Test func lineThatWasBeingWrittenDoesNotCount() throws {
    let whole = Self.entries.map { $0.line + "\n" }.joined()
    let journal = try Journal(name: "x", contents: whole + "acknowled")
    #expect(journal.entries == Self.entries)
  }

  @Test(arguments: [
    "", "intent", "received 1:2 3", "cleared 1:2 rumour", "signed-in x y", "started 1 2",
  ])
  func lineThatIsNoneIsDamage(_ line: String) {
    #expect(throws: Journal.Damage.self) {
      try Journal(name: "x", contents: "started 1\n\(line)\nstarted 1\n")
    }
  }
}

@Suite struct DatabaseDumpTests {
  private static let key = "01930000-0000-7000-8000-000000000001"

  @Test func rowsAreRead() throws {
    let rows = try DatabaseRows(
      dump:
        "conversation\t7\t3\t1\t1,2\nmessage\t7\t3\t1\t\(Self.key)\ta\\tb\\\\c\\n早\nkey\t7\t3\t1\t\(Self.key)\n"
    )
    let conversation = try #require(rows.conversations[ConversationID(7)])
    #expect(conversation.last == MessageSequence(3))
    #expect(conversation.cleared == MessageSequence(1))
    #expect(conversation.members == [UserID(1), UserID(2)])
    let message = try #require(rows.messages.first)
    #expect(message.digest == TextDigest(of: "a\tb\\c\n早"))
    #expect(message.name == rows.keys.first?.name)
    #expect(message.place == rows.keys.first?.place)
  }

  @Test(arguments: [
    "message\t7\t3\t1\tno-key\ttext", "conversation\t7\t3", "key\t7\tthree\t1\t\(key)",
    "rumour\t7\t3\t1\t\(key)",
  ])
  func rowThatIsNoneIsDamage(_ row: String) {
    #expect(throws: Journal.Damage.self) { try DatabaseRows(dump: row + "\n") }
  }
}
