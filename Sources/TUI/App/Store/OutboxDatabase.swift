import FoundationEssentials
import MartletClient
import MartletProtocol
import TUICore

/// Drafts and outboxes of all accounts that a profile has been used for, as tables.
///
/// An account is named by the server's address, the identity of its database, and the user. The same
/// number means somebody else on another server, or on the same one after a new database: a message
/// meant for one may not go to the other.
final class OutboxDatabase {
  /// Whose drafts and outbox are meant.
  struct Account: Hashable, Sendable {
    let server: String
    let serverID: String
    let user: UserID
  }

  private static let migrations = [
    """
    CREATE TABLE account (
      id INTEGER PRIMARY KEY, server TEXT NOT NULL, server_id TEXT NOT NULL, user INTEGER NOT NULL,
      UNIQUE (server, server_id, user)) STRICT;
    -- The target is a user or, if not direct, a conversation.
    CREATE TABLE draft (
      account INTEGER NOT NULL, is_direct INTEGER NOT NULL, target INTEGER NOT NULL,
      text TEXT NOT NULL, PRIMARY KEY (account, is_direct, target)) STRICT, WITHOUT ROWID;
    -- In the order in which each conversation is to get its messages.
    CREATE TABLE outbox (
      place INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, key TEXT NOT NULL,
      is_direct INTEGER NOT NULL, target INTEGER NOT NULL, text TEXT NOT NULL,
      written_at INTEGER NOT NULL, file BLOB, UNIQUE (account, key)) STRICT;
    """
  ]

  private let connection: SQLiteConnection

  init(_ file: ProfileDatabase) throws {
    connection = try file.open(migrations: Self.migrations)
  }

  /// What was kept for an account.
  func load(_ account: Account) throws -> SavedState {
    let id = try number(of: account)
    let drafts = try connection.rows(
      "SELECT is_direct, target, text FROM draft WHERE account = ?", .integer(id)
    ) { row in (Target(row, at: 0), row.text(2)) }
    let outbox = try connection.rows(
      """
      SELECT is_direct, target, key, text, written_at, file FROM outbox WHERE account = ?
      ORDER BY place
      """, .integer(id)
    ) { row -> OutgoingMessage? in
      guard let key = IdempotencyKey(row.text(2)) else { return nil }
      return OutgoingMessage(
        target: Target(row, at: 0), key: key, text: row.text(3),
        writtenAt: Timestamp(milliseconds: row.integer(4)),
        file: StoredFile.decode(row.bytes(5)))
    }
    return SavedState(
      drafts: Dictionary(drafts, uniquingKeysWith: { $1 }), outbox: outbox.compactMap { $0 })
  }

  /// Makes what is kept for an account what it is now, in one transaction, durable on return.
  ///
  /// - Parameter old: What is kept; only the differences are written.
  func store(_ new: SavedState, replacing old: SavedState, for account: Account) throws {
    guard new != old else { return }
    try connection.transaction {
      let id = SQLiteConnection.Value.integer(try number(of: account))
      for (target, text) in new.drafts where old.drafts[target] != text {
        try connection.run(
          "INSERT OR REPLACE INTO draft (account, is_direct, target, text) VALUES (?, ?, ?, ?)",
          id, target.isDirect, target.number, .text(text))
      }
      for target in old.drafts.keys where new.drafts[target] == nil {
        try connection.run(
          "DELETE FROM draft WHERE account = ? AND is_direct = ? AND target = ?",
          id, target.isDirect, target.number)
      }
      let kept = Dictionary(old.outbox.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
      for message in new.outbox where kept[message.key] != message {
        try connection.run(
          """
          INSERT INTO outbox (account, key, is_direct, target, text, written_at, file)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (account, key) DO UPDATE SET file = excluded.file
          """,
          id, .text(message.key.description), message.target.isDirect, message.target.number,
          .text(message.text), .integer(message.writtenAt.milliseconds),
          try StoredFile.encode(message.file))
      }
      for key in Set(kept.keys).subtracting(new.outbox.map(\.key)) {
        try connection.run(
          "DELETE FROM outbox WHERE account = ? AND key = ?", id, .text(key.description))
      }
    }
  }

  /// Overwrites what has been sent or thrown away.
  func scrub() throws { try ProfileDatabase.scrub(connection) }

  private func number(of account: Account) throws(SQLiteError) -> Int64 {
    let (server, serverID) = (
      SQLiteConnection.Value.text(account.server), SQLiteConnection.Value.text(account.serverID)
    )
    let user = SQLiteConnection.Value.integer(account.user.rawValue)
    try connection.run(
      "INSERT OR IGNORE INTO account (server, server_id, user) VALUES (?, ?, ?)", server, serverID,
      user)
    return try connection.number(
      "SELECT id FROM account WHERE server = ? AND server_id = ? AND user = ?", server, serverID,
      user)
  }
}

/// The file of a message as it is stored: here, at the server, or both.
struct StoredFile: Codable {
  private var local: LocalFile?
  private var uploaded: Attachment?

  init(_ file: OutgoingFile) {
    switch file {
    case .local(let file): local = file
    case .uploaded(let attachment, let file): (uploaded, local) = (attachment, file)
    }
  }

  var outgoing: OutgoingFile? {
    uploaded.map { .uploaded($0, of: local) } ?? local.map(OutgoingFile.local)
  }

  fileprivate static func encode(_ file: OutgoingFile?) throws -> SQLiteConnection.Value {
    guard let file else { return .null }
    return .blob(Array(try JSONEncoder().encode(StoredFile(file))))
  }

  /// `nil` for none, and for one that cannot be read: its message is then one without a file.
  fileprivate static func decode(_ bytes: [UInt8]) -> OutgoingFile? {
    bytes.isEmpty ? nil : try? JSONDecoder().decode(StoredFile.self, from: Data(bytes)).outgoing
  }
}

extension Target {
  /// Reads a target from two columns.
  init(_ row: SQLiteConnection.Row, at column: Int32) {
    let number = row.integer(column + 1)
    self = row.integer(column) != 0 ? .user(UserID(number)) : .conversation(ConversationID(number))
  }

  /// Its columns.
  var isDirect: SQLiteConnection.Value {
    switch self {
    case .user: .integer(1)
    case .conversation: .integer(0)
    }
  }

  var number: SQLiteConnection.Value {
    switch self {
    case .user(let user): .integer(user.rawValue)
    case .conversation(let conversation): .integer(conversation.rawValue)
    }
  }
}
