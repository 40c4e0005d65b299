import MartletProtocol
import TortureCore

/// What two clients wrote down, and what the database holds: everything well, until a test spoils it.
///
/// User 1 wrote the messages 1 and 3 of conversation 7, user 2 wrote message 2; both have all three.
struct History {
  static let conversation = ConversationID(7)
  static let users = [UserID(1), UserID(2)]

  /// The entries of each client.
  var first: [JournalEntry] = []
  var second: [JournalEntry] = []
  var database = DatabaseRows()

  init() {
    first = [
      .started(window: 1), .signedIn(Self.users[0], token: "a"),
      intent(1), .acknowledged(key(1), place(1)), received(1, .reply), received(2, .push),
      intent(3), .acknowledged(key(3), place(3)), received(3, .reply),
    ]
    second = [
      .started(window: 8), .signedIn(Self.users[1], token: "b"),
      received(1, .push), intent(2), .acknowledged(key(2), place(2)), received(2, .reply),
      received(3, .history),
    ]
    database.conversations[Self.conversation] = DatabaseRows.Conversation(
      last: MessageSequence(3), cleared: .none, members: Set(Self.users))
    database.messages = (1...3).map(stored)
    database.keys = (1...3).map { DatabaseRows.Key(name: name($0), place: place($0)) }
  }

  /// Who wrote a message.
  func sender(_ number: Int64) -> UserID { Self.users[number == 2 ? 1 : 0] }

  func key(_ number: Int64) -> IdempotencyKey { IdempotencyKey(high: 1, low: UInt64(number)) }

  func name(_ number: Int64) -> MessageName { MessageName(sender(number), key(number)) }

  func place(_ number: Int64) -> Place { Place(Self.conversation, MessageSequence(number)) }

  func text(_ number: Int64) -> String { "message \(number)" }

  func intent(_ number: Int64) -> JournalEntry {
    .intent(key(number), .user(Self.users[number == 2 ? 0 : 1]), text: text(number))
  }

  /// A message as it was received, at its own place or another.
  func received(
    _ number: Int64, _ source: JournalEntry.Source, at place: Int64? = nil, text: String? = nil
  ) -> JournalEntry {
    .received(
      JournalEntry.Receipt(
        place: self.place(place ?? number), sender: sender(number), key: key(number),
        digest: TextDigest(of: text ?? self.text(number)), source: source))
  }

  func stored(_ number: Int64) -> DatabaseRows.Stored {
    DatabaseRows.Stored(
      place: place(number), name: name(number), digest: TextDigest(of: text(number)))
  }

  /// Clears the database up to a place, as the server does: keys stay.
  mutating func clearDatabase(upTo number: Int64) {
    database.conversations[Self.conversation] = DatabaseRows.Conversation(
      last: MessageSequence(3), cleared: MessageSequence(number), members: Set(Self.users))
    database.messages.removeAll { $0.place.sequence.rawValue <= number }
  }

  /// Which promises the checker finds broken.
  var broken: Set<Violation.Kind> { Set(violations.map(\.kind)) }

  var violations: [Violation] {
    Checker.violations(
      in: [Journal(name: "first", entries: first), Journal(name: "second", entries: second)],
      against: database)
  }
}
