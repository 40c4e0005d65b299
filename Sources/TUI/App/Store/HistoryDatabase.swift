import FoundationEssentials
import MartletProtocol
import TUICore

/// What one account has seen of its conversations, as tables. The database belongs to one account in one
/// epoch of one server's database, and to no other ever: it is erased before it changes hands.
final class HistoryDatabase {
  /// Whose history it is.
  struct Owner: Hashable, Sendable {
    let server: String
    let serverID: String
    let epoch: Int64
    let user: User
  }

  /// How much is kept.
  struct Bounds: Sendable {
    /// The newest messages of each conversation.
    var messagesPerConversation = 5000
    /// Of all together; those that have been silent the longest give way, whole.
    var messages = 200_000
    /// Of all together, in bytes of the file in use; to scrub it takes as much memory.
    var bytes: Int64 = 64 << 20
    /// How far a conversation may outgrow its bound before it is cut: not at every message.
    var slack = 250
  }

  private static let migrations = [
    """
    -- One row. open_… is the conversation that was on the screen; must_scrub, whether something was
    -- deleted for good of which copies may be left.
    CREATE TABLE owner (
      id INTEGER PRIMARY KEY CHECK (id = 1), server TEXT NOT NULL, server_id TEXT NOT NULL,
      epoch INTEGER NOT NULL, user INTEGER NOT NULL, name TEXT NOT NULL,
      open_is_direct INTEGER, open_target INTEGER,
      must_scrub INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE contact (
      user INTEGER PRIMARY KEY, name TEXT NOT NULL, last_seen INTEGER, last_activity INTEGER,
      conversation INTEGER, last_sequence INTEGER NOT NULL, read_sequence INTEGER NOT NULL,
      cleared_sequence INTEGER NOT NULL, unread INTEGER NOT NULL) STRICT;
    CREATE TABLE message (
      conversation INTEGER NOT NULL, sequence INTEGER NOT NULL, sender INTEGER NOT NULL,
      sent_at INTEGER NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, attachment BLOB,
      PRIMARY KEY (conversation, sequence)) STRICT, WITHOUT ROWID;
    CREATE TABLE read_mark (
      conversation INTEGER NOT NULL, user INTEGER NOT NULL, sequence INTEGER NOT NULL,
      PRIMARY KEY (conversation, user)) STRICT, WITHOUT ROWID;
    """
  ]

  private let connection: SQLiteConnection
  private let bounds: Bounds
  /// How many messages are held, of those conversations that have been counted, and of all.
  private var counts: [ConversationID: Int] = [:]
  private var total: Int?

  init(_ file: ProfileDatabase, bounds: Bounds) throws {
    connection = try file.open(migrations: Self.migrations)
    self.bounds = bounds
    // What a power cut takes of it, the server has.
    try connection.execute("PRAGMA synchronous = NORMAL")
  }

  // MARK: Reading

  /// Whose it is; `nil` while it is nobody's.
  func owner() throws(SQLiteError) -> Owner? {
    try connection.rows("SELECT server, server_id, epoch, user, name FROM owner") { row in
      Owner(
        server: row.text(0), serverID: row.text(1), epoch: row.integer(2),
        user: User(id: UserID(row.integer(3)), name: row.text(4)))
    }.first
  }

  /// What is needed for the screens that there were, with the newest messages of the open conversation.
  func session(of user: User, messages: Int) throws(SQLiteError) -> CachedSession {
    let contacts = try contacts()
    let open = try connection.rows(
      "SELECT open_is_direct, open_target FROM owner WHERE open_target IS NOT NULL"
    ) { Target($0, at: 0) }.first
    let conversation = contacts.first { open == .user($0.user.id) }?.conversation
    var history: CachedHistory?
    if let conversation { history = try self.history(of: conversation, limit: messages) }
    return CachedSession(user: user, contacts: contacts, open: open, history: history)
  }

  /// The newest messages held of a conversation.
  ///
  /// - Parameter limit: How many; `nil` for all.
  func history(of id: ConversationID, limit: Int? = nil) throws(SQLiteError) -> CachedHistory {
    let messages = try connection.rows(
      """
      SELECT sequence, sender, sent_at, key, text, attachment FROM message WHERE conversation = ?
      ORDER BY sequence DESC LIMIT ?
      """, .integer(id.rawValue), .integer(limit.map { Int64($0) } ?? -1)
    ) { row -> Message? in
      guard let key = IdempotencyKey(row.text(3)) else { return nil }
      return Message(
        conversation: id, sequence: MessageSequence(row.integer(0)),
        sender: UserID(row.integer(1)), sentAt: Timestamp(milliseconds: row.integer(2)), key: key,
        text: row.text(4), attachment: Attachment(stored: row.bytes(5)))
    }
    let reads = try connection.rows(
      "SELECT user, sequence FROM read_mark WHERE conversation = ?", .integer(id.rawValue)
    ) { ReadMark(user: UserID($0.integer(0)), sequence: MessageSequence($0.integer(1))) }
    return CachedHistory(
      conversation: id, messages: messages.reversed().compactMap { $0 }, reads: reads)
  }

  /// The newest message held of each conversation, those that went on most recently first.
  func cursors(limit: Int) throws(SQLiteError) -> [(ConversationID, MessageSequence)] {
    try connection.rows(
      """
      SELECT conversation, newest FROM (
        SELECT conversation, last_activity, (
          SELECT max(sequence) FROM message WHERE message.conversation = contact.conversation
        ) AS newest FROM contact WHERE conversation IS NOT NULL)
      WHERE newest IS NOT NULL ORDER BY last_activity DESC LIMIT ?
      """, .integer(Int64(limit))
    ) { (ConversationID($0.integer(0)), MessageSequence($0.integer(1))) }
  }

  private func contacts() throws(SQLiteError) -> [CachedContact] {
    try connection.rows(
      """
      SELECT user, name, last_seen, last_activity, conversation, last_sequence, read_sequence,
        cleared_sequence, unread FROM contact
      """
    ) { row in
      CachedContact(
        user: User(id: UserID(row.integer(0)), name: row.text(1)),
        lastSeen: row.integerIfAny(2).map { Timestamp(milliseconds: $0) },
        lastActivity: row.integerIfAny(3).map { Timestamp(milliseconds: $0) },
        conversation: row.integerIfAny(4).map { ConversationID($0) },
        lastSequence: MessageSequence(row.integer(5)),
        readSequence: MessageSequence(row.integer(6)),
        clearedSequence: MessageSequence(row.integer(7)), unread: Int(row.integer(8)))
    }
  }

  // MARK: Writing

  /// Makes it somebody's. It must be nobody's, or theirs.
  func begin(_ owner: Owner) throws(SQLiteError) {
    try connection.run(
      """
      INSERT INTO owner (id, server, server_id, epoch, user, name) VALUES (1, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET name = excluded.name
      """, .text(owner.server), .text(owner.serverID), .integer(owner.epoch),
      .integer(owner.user.id.rawValue), .text(owner.user.name))
  }

  /// Keeps what has changed. What was cleared is in no file when this returns.
  func store(_ changes: CacheChanges) throws {
    var deleted = 0
    try connection.transaction {
      for contact in changes.contacts.values { try store(contact) }
      for message in changes.messages { try store(message) }
      for (conversation, marks) in changes.reads {
        for (user, sequence) in marks {
          try connection.run(
            """
            INSERT INTO read_mark (conversation, user, sequence) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)
            """, .integer(conversation.rawValue), .integer(user.rawValue),
            .integer(sequence.rawValue))
        }
      }
      for (conversation, sequence) in changes.cleared {
        deleted += try delete(in: conversation, before: sequence.next)
      }
      if deleted > 0 { try connection.run("UPDATE owner SET must_scrub = 1") }
      if let opened = changes.opened {
        try connection.run(
          "UPDATE owner SET open_is_direct = ?, open_target = ?", opened.isDirect, opened.number)
      }
    }
    if deleted > 0 { try scrubIfNeeded() }
    try trim(Set(changes.messages.map(\.conversation)))
  }

  /// Overwrites what was cleared, if a kill came between.
  func scrubIfNeeded() throws(SQLiteError) {
    guard try connection.number("SELECT must_scrub FROM owner") != 0 else { return }
    try ProfileDatabase.scrub(connection)
    try connection.run("UPDATE owner SET must_scrub = 0")
  }

  private func store(_ contact: CachedContact) throws(SQLiteError) {
    try connection.run(
      """
      INSERT OR REPLACE INTO contact (user, name, last_seen, last_activity, conversation,
        last_sequence, read_sequence, cleared_sequence, unread) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .integer(contact.user.id.rawValue), .text(contact.user.name),
      .integer(contact.lastSeen?.milliseconds), .integer(contact.lastActivity?.milliseconds),
      .integer(contact.conversation?.rawValue), .integer(contact.lastSequence.rawValue),
      .integer(contact.readSequence.rawValue), .integer(contact.clearedSequence.rawValue),
      .integer(Int64(contact.unread)))
  }

  private func store(_ message: Message) throws {
    let inserted = try connection.run(
      """
      INSERT OR IGNORE INTO message (conversation, sequence, sender, sent_at, key, text, attachment)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """, .integer(message.conversation.rawValue), .integer(message.sequence.rawValue),
      .integer(message.sender.rawValue), .integer(message.sentAt.milliseconds),
      .text(message.key.description), .text(message.text), try message.attachment.stored)
    note(inserted, in: message.conversation)
  }

  /// - Returns: how many messages are gone.
  private func delete(
    in conversation: ConversationID, before sequence: MessageSequence
  ) throws(SQLiteError) -> Int {
    let deleted = try connection.run(
      "DELETE FROM message WHERE conversation = ? AND sequence < ?",
      .integer(conversation.rawValue), .integer(sequence.rawValue))
    note(-deleted, in: conversation)
    return deleted
  }

  private func note(_ change: Int, in conversation: ConversationID) {
    counts[conversation]? += change
    total? += change
  }

  // MARK: Bounds

  private func trim(_ touched: Set<ConversationID>) throws(SQLiteError) {
    for conversation in touched {
      guard try count(of: conversation) > bounds.messagesPerConversation + bounds.slack else {
        continue
      }
      let oldest = try connection.number(
        "SELECT sequence FROM message WHERE conversation = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?",
        .integer(conversation.rawValue), .integer(Int64(bounds.messagesPerConversation - 1)))
      _ = try delete(in: conversation, before: MessageSequence(oldest))
    }
    while try isTooLarge(), let silent = try longestSilent() {
      _ = try delete(in: silent, before: MessageSequence(.max))
    }
  }

  private func count(of conversation: ConversationID) throws(SQLiteError) -> Int {
    if let count = counts[conversation] { return count }
    let count = Int(
      try connection.number(
        "SELECT count(*) FROM message WHERE conversation = ?", .integer(conversation.rawValue)))
    counts[conversation] = count
    return count
  }

  private func isTooLarge() throws(SQLiteError) -> Bool {
    if self.total == nil {
      self.total = Int(try connection.number("SELECT count(*) FROM message"))
    }
    let total = self.total ?? 0
    if total > bounds.messages { return true }
    let pages = try connection.number("PRAGMA page_count")
    let free = try connection.number("PRAGMA freelist_count")
    let size = try connection.number("PRAGMA page_size")
    return total > 0 && (pages - free) * size > bounds.bytes
  }

  /// The conversation, of those held, whose newest message is the oldest.
  private func longestSilent() throws(SQLiteError) -> ConversationID? {
    try connection.rows(
      """
      SELECT conversation FROM (
        SELECT conversation, max(sequence) AS newest FROM message GROUP BY conversation) AS held
      ORDER BY (
        SELECT sent_at FROM message
        WHERE message.conversation = held.conversation AND message.sequence = held.newest)
      LIMIT 1
      """
    ) { ConversationID($0.integer(0)) }.first
  }
}

extension Attachment {
  /// Reads what ``stored`` gave; `nil` for nothing, and for what cannot be read.
  fileprivate init?(stored bytes: [UInt8]) {
    // The message is there without it, and comes again whole with the next page that has it.
    guard !bytes.isEmpty,
      let attachment = try? JSONDecoder().decode(Attachment.self, from: Data(bytes))
    else { return nil }
    self = attachment
  }
}

extension Attachment? {
  /// As it is kept in a column.
  fileprivate var stored: SQLiteConnection.Value {
    get throws {
      guard let self else { return .null }
      return .blob(Array(try JSONEncoder().encode(self)))
    }
  }
}
