import MartletProtocol
import ServerCore

/// Stores messages and gives them their places. One statement, so one transaction and one round
/// trip.
///
/// Conversations are locked in ascending order, so that two nodes cannot wait for each other. A
/// key stored before is answered with its first place, without the message, and takes no new one: to
/// read it here would lock every part of `messages`. A key that another node
/// stores at the same moment violates `message_keys_pkey`: the whole is then to be repeated. A message
/// whose attachment is not whole, or not its sender's, gets no place and no row.
///
/// It is for a connection with ``sessionSettings``: rows are looked up by `= ANY` in an index, everything else
/// is joined by hashing, and there is one plan. The planner cannot know how many messages there are, takes them
/// for few, and would compare each with each; and told how many there are this time, on tables that it has not
/// looked at yet, it would read all keys, for half a second.
struct StoreMessages: PostgresStatement {
  static let sessionSettings = """
    SET enable_seqscan = off; SET enable_nestloop = off; SET enable_mergejoin = off;
    SET plan_cache_mode = force_generic_plan
    """
  /// Undoes ``sessionSettings``, for other statements.
  static let usualSettings = """
    RESET enable_seqscan; RESET enable_nestloop; RESET enable_mergejoin; RESET plan_cache_mode
    """

  let messages: [NewMessage]

  /// A message by the name that its sender gave it.
  struct Row {
    let sender: UserID
    let key: IdempotencyKey
    let stored: StoredMessage
  }

  static let sql = """
    WITH input AS (
      SELECT * FROM
        unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[]) WITH ORDINALITY
        AS input (conversation_id, sender_id, key, body, attachment_id, position)
    ),
    known AS (
      SELECT first.* FROM message_keys AS first JOIN input USING (sender_id, key)
      WHERE first.key = ANY ($3)
    ),
    locked AS (
      SELECT id FROM conversations WHERE id = ANY ($1) ORDER BY id FOR UPDATE
    ),
    carried AS (
      -- Nobody removes them before the messages are there. Whoever is at it is waited for, which is
      -- why this comes after the conversations, as everywhere.
      SELECT * FROM attachments
      WHERE (SELECT count(*) FROM locked) >= 0 AND id = ANY ($5) AND media_type IS NOT NULL
      ORDER BY id FOR KEY SHARE
    ),
    fresh AS (
      SELECT input.*,
        row_number() OVER (PARTITION BY input.conversation_id ORDER BY position) AS place
      FROM input
      WHERE NOT EXISTS (
        SELECT FROM known WHERE known.sender_id = input.sender_id AND known.key = input.key)
        AND (attachment_id IS NULL OR EXISTS (
          SELECT FROM carried WHERE id = input.attachment_id AND owner_id = input.sender_id))
    ),
    advanced AS (
      UPDATE conversations
      SET last_sequence = last_sequence + added.messages
      FROM locked
      JOIN (SELECT conversation_id, count(*) AS messages FROM fresh GROUP BY 1) AS added
        ON added.conversation_id = locked.id
      WHERE conversations.id = locked.id AND conversations.id = ANY ($1)
      RETURNING conversations.id, last_sequence - added.messages AS base,
        -- Read under the lock, and once for all messages of the conversation: times never go back
        -- as sequences go on.
        date_trunc('milliseconds', clock_timestamp()) AS sent_at
    ),
    stored AS MATERIALIZED (
      SELECT fresh.conversation_id, advanced.base + fresh.place AS sequence, fresh.sender_id,
        advanced.sent_at, fresh.key, fresh.body, fresh.attachment_id
      FROM fresh JOIN advanced ON advanced.id = fresh.conversation_id
    ),
    named AS (
      INSERT INTO message_keys (sender_id, key, conversation_id, sequence, sent_at)
      SELECT sender_id, key, conversation_id, sequence, sent_at FROM stored
    ),
    inserted AS (
      INSERT INTO messages
        (conversation_id, sequence, sender_id, key, sent_at, body, attachment_id)
      SELECT conversation_id, sequence, sender_id, key, sent_at, body, attachment_id FROM stored
    ),
    placed AS (
      SELECT * FROM stored
      UNION ALL
      SELECT conversation_id, sequence, sender_id, sent_at, key, NULL, NULL FROM known
    )
    SELECT \(Message.columns(of: "placed"))
    FROM placed LEFT JOIN carried AS attachments ON attachments.id = placed.attachment_id
    """

  var binds: [PostgresBind] {
    [
      .int8Array(messages.map(\.conversation.rawValue)),
      .int8Array(messages.map(\.sender.rawValue)),
      .uuidArray(messages.map(\.key)),
      .textArray(messages.map(\.text)),
      .uuidArray(messages.map(\.attachment)),
    ]
  }

  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Row {
    let place = try MessagePlace(row: &row)
    return Row(
      sender: place.sender, key: place.key,
      stored: StoredMessage(
        conversation: place.conversation, sequence: place.sequence, sentAt: place.sentAt,
        message: try place.message(row: &row)))
  }
}

extension Message {
  /// The columns from which ``init(row:)`` reads, of a table or subquery like `messages`, beside
  /// ``joins(to:)``.
  static func columns(of table: String) -> String {
    """
    \(table).conversation_id, \(table).sequence, \(table).sender_id, \(table).sent_at,
    \(table).key, \(table).body, attachments.id, attachments.name, attachments.media_type,
    attachments.size, attachments.width::bigint, attachments.height::bigint
    """
  }

  /// What ``columns(of:)`` needs beside the table.
  static func joins(to table: String) -> String {
    "LEFT JOIN attachments ON attachments.id = \(table).attachment_id"
  }

  /// Reads ``columns(of:)``.
  init(row: inout PostgresRow) throws(PostgresError) {
    let place = try MessagePlace(row: &row)
    guard let message = try place.message(row: &row) else {
      throw PostgresError(kind: .unexpectedAnswer, cause: "a message without a body")
    }
    self = message
  }
}

/// A message but for what it says.
private struct MessagePlace {
  let conversation: ConversationID
  let sequence: MessageSequence
  let sender: UserID
  let sentAt: Timestamp
  let key: IdempotencyKey

  init(row: inout PostgresRow) throws(PostgresError) {
    conversation = ConversationID(try row.int8())
    sequence = MessageSequence(try row.int8())
    sender = UserID(try row.int8())
    sentAt = try row.timestamp()
    key = try row.uuid()
  }

  /// Reads the rest of the columns; `nil` when there is no body.
  func message(row: inout PostgresRow) throws(PostgresError) -> Message? {
    guard let text = try row.optionalText() else { return nil }
    return Message(
      conversation: conversation, sequence: sequence, sender: sender, sentAt: sentAt, key: key,
      text: text, attachment: try Attachment(row: &row))
  }
}

extension Attachment {
  /// Reads the columns `id, name, media_type, size, width, height`; `nil` when the first is.
  init?(row: inout PostgresRow) throws(PostgresError) {
    guard let id: AttachmentID = try row.optionalUUID() else { return nil }
    self.init(
      id: id, name: try row.text(), mediaType: MediaType(rawValue: try row.text()),
      size: try row.int8(), width: try row.optionalInt8().map(Int.init),
      height: try row.optionalInt8().map(Int.init))
  }
}
