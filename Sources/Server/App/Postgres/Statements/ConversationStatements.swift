import MartletProtocol
import ServerCore

/// Everyone but the asking user, with the direct conversation between the two.
struct ListContactsOfUser: PostgresStatement {
  let user: UserID
  let after: UserID
  let limit: Int
  static let sql = """
    SELECT users.id, users.name, users.last_seen_at, \(ConversationSummary.columns)
    FROM users
    LEFT JOIN LATERAL (
      SELECT * FROM conversations
      WHERE direct_low = least(users.id, $1) AND direct_high = greatest(users.id, $1)
      LIMIT 1
    ) AS conversations ON true
    \(ConversationSummary.joins)
    WHERE users.id > $2 AND users.id <> $1
      AND (users.deleted_at IS NULL OR conversations.last_sequence > conversations.cleared_sequence)
    ORDER BY users.id
    LIMIT $3
    """
  var binds: [PostgresBind] {
    [.int8(user.rawValue), .int8(after.rawValue), .int8(Int64(limit))]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Contact {
    try Contact(row: &row)
  }
}

/// Those with whom the asking user has written, the most recent first.
struct ListRecentContacts: PostgresStatement {
  let user: UserID
  let limit: Int
  static let sql = """
    SELECT users.id, users.name, users.last_seen_at, \(ConversationSummary.columns)
    FROM (
      SELECT conversations.*
      FROM members AS mine
      JOIN conversations ON conversations.id = mine.conversation_id
      \(ConversationSummary.newestJoin)
      WHERE mine.user_id = $1 AND direct_low IS NOT NULL AND last_sequence > 0
      ORDER BY newest.sent_at DESC NULLS LAST, conversations.id DESC
      LIMIT $2
    ) AS conversations
    JOIN users ON users.id = direct_low + direct_high - $1
    \(ConversationSummary.joins)
    ORDER BY last.sent_at DESC NULLS LAST, conversations.id DESC
    """
  var binds: [PostgresBind] { [.int8(user.rawValue), .int8(Int64(limit))] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Contact {
    try Contact(row: &row)
  }
}

/// The conversations whose newest message is not the one that the user holds, or in which what the
/// user holds may have been cleared.
struct ListConversationsNotAt: PostgresStatement {
  let user: UserID
  let cursors: [Resume.Cursor]
  let limit: Int
  static let sql = """
    SELECT \(ConversationSummary.columns)
    FROM (
      SELECT conversations.*
      FROM members AS mine
      JOIN conversations ON conversations.id = mine.conversation_id
      LEFT JOIN (
        -- A client that names a conversation twice is told of it once.
        SELECT conversation_id, max(sequence) AS sequence
        FROM unnest($2::bigint[], $3::bigint[]) AS named (conversation_id, sequence)
        GROUP BY conversation_id
      ) AS held ON held.conversation_id = conversations.id
      \(ConversationSummary.newestJoin)
      WHERE mine.user_id = $1
        AND (last_sequence <> coalesce(held.sequence, 0)
          OR cleared_sequence > 0 AND coalesce(held.sequence, 0) <= cleared_sequence)
      ORDER BY newest.sent_at DESC NULLS LAST, conversations.id
      LIMIT $4
    ) AS conversations
    \(ConversationSummary.joins)
    ORDER BY last.sent_at DESC NULLS LAST, conversations.id
    """
  var binds: [PostgresBind] {
    [
      .int8(user.rawValue),
      .int8Array(cursors.map(\.conversation.rawValue)),
      .int8Array(cursors.map(\.sequence.rawValue)),
      .int8(Int64(limit)),
    ]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> ConversationSummary? {
    try ConversationSummary(row: &row)
  }
}

extension Contact {
  /// Reads a user's number, name and when they were last seen, and the conversation's columns.
  fileprivate init(row: inout PostgresRow) throws(PostgresError) {
    self.init(
      user: User(id: UserID(try row.int8()), name: try row.text()), online: false,
      lastSeen: try row.optionalTimestamp(),
      conversation: try ConversationSummary(row: &row))
  }
}

extension ConversationSummary {
  // In lists, what belongs to a row is looked up by LATERAL with LIMIT: a plain join of some hundred
  // rows the planner takes for enough to read all parts of `messages` from end to end.

  /// The newest message of `conversations`, by whose time a list is ordered and cut before anything
  /// else is looked up for what is left of it.
  static let newestJoin = """
    LEFT JOIN LATERAL (
      SELECT sent_at FROM messages
      WHERE conversation_id = conversations.id AND sequence = conversations.last_sequence
      LIMIT 1
    ) AS newest ON true
    """

  /// The columns from which ``init(row:)`` reads, beside ``joins``.
  fileprivate static let columns = """
    conversations.id, members, conversations.last_sequence, conversations.cleared_sequence,
    own.read_sequence, unread.messages, last.sender_id, last.sent_at, left(last.body, 80),
    last.attachment
    """

  /// What a summary needs of `conversations`, as seen by the user `$1`. Unread messages are counted
  /// among the newest 1,000 only, so that the cost of a row is bounded.
  fileprivate static let joins = """
    LEFT JOIN LATERAL (
      SELECT read_sequence FROM members
      WHERE conversation_id = conversations.id AND user_id = $1
      LIMIT 1
    ) AS own ON true
    LEFT JOIN LATERAL (
      SELECT sender_id, sent_at, body,
        (SELECT name FROM attachments WHERE id = attachment_id) AS attachment
      FROM messages
      WHERE conversation_id = conversations.id AND sequence = conversations.last_sequence
      LIMIT 1
    ) AS last ON true
    LEFT JOIN LATERAL (
      SELECT array_agg(user_id ORDER BY user_id) AS members FROM members
      WHERE conversation_id = conversations.id
    ) AS everyone ON conversations.id IS NOT NULL
    LEFT JOIN LATERAL (
      SELECT count(*) AS messages FROM messages
      WHERE conversation_id = conversations.id
        AND sequence > greatest(own.read_sequence, conversations.last_sequence - 1000)
        AND sender_id <> $1
    ) AS unread ON conversations.last_sequence > own.read_sequence
    """

  /// Reads ``columns``; `nil` when there is no conversation.
  fileprivate init?(row: inout PostgresRow) throws(PostgresError) {
    guard let id = try row.optionalInt8() else { return nil }
    let members = try row.int8Array().map(UserID.init(_:))
    let lastSequence = MessageSequence(try row.int8())
    let clearedSequence = MessageSequence(try row.int8())
    let readSequence = MessageSequence(try row.int8())
    let unread = Int(try row.optionalInt8() ?? 0)
    let excerpt: MessageExcerpt?
    if let sender = try row.optionalInt8() {
      excerpt = MessageExcerpt(
        sender: UserID(sender), sentAt: try row.timestamp(), text: try row.text(),
        attachment: try row.optionalText())
    } else {
      excerpt = nil
    }
    self.init(
      id: ConversationID(id), members: members, lastSequence: lastSequence,
      clearedSequence: clearedSequence == .none ? nil : clearedSequence,
      readSequence: readSequence, unread: unread, lastMessage: excerpt)
  }
}

/// The direct conversation of two users.
struct FindDirectConversation: PostgresStatement {
  let low: UserID
  let high: UserID
  static let sql = """
    SELECT id, last_sequence FROM conversations WHERE direct_low = $1 AND direct_high = $2
    """
  var binds: [PostgresBind] { [.int8(low.rawValue), .int8(high.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> OpenedConversation {
    OpenedConversation(id: ConversationID(try row.int8()), isEmpty: try row.int8() == 0)
  }
}

/// Makes the direct conversation of two users, both its members; no row when there is one already
/// or when one of them is not registered.
struct CreateDirectConversation: PostgresStatement {
  let low: UserID
  let high: UserID
  static let sql = """
    WITH made AS (
      INSERT INTO conversations (direct_low, direct_high)
      SELECT $1, $2 WHERE (SELECT count(*) FROM users WHERE id IN ($1, $2)) = 2
      ON CONFLICT (direct_low, direct_high) DO NOTHING
      RETURNING id
    ),
    joined AS (
      INSERT INTO members (conversation_id, user_id)
      SELECT made.id, member FROM made, unnest(ARRAY[$1, $2]) AS member
    )
    SELECT id FROM made
    """
  var binds: [PostgresBind] { [.int8(low.rawValue), .int8(high.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> ConversationID {
    ConversationID(try row.int8())
  }
}

/// Everyone in a conversation and how far they have read.
struct ListReadMarks: PostgresStatement {
  let conversation: ConversationID
  static let sql = """
    SELECT user_id, read_sequence FROM members WHERE conversation_id = $1 ORDER BY user_id
    """
  var binds: [PostgresBind] { [.int8(conversation.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> ReadMark {
    ReadMark(user: UserID(try row.int8()), sequence: MessageSequence(try row.int8()))
  }
}

/// Moves a read mark forward, at most to the newest message; no row when it does not move.
struct AdvanceReadMark: PostgresStatement {
  let conversation: ConversationID
  let user: UserID
  let sequence: MessageSequence
  static let sql = """
    UPDATE members SET read_sequence = least($3, last_sequence)
    FROM conversations
    WHERE conversations.id = $1 AND conversation_id = $1 AND user_id = $2
      AND read_sequence < least($3, last_sequence)
    RETURNING read_sequence
    """
  var binds: [PostgresBind] {
    [.int8(conversation.rawValue), .int8(user.rawValue), .int8(sequence.rawValue)]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> MessageSequence {
    MessageSequence(try row.int8())
  }
}
