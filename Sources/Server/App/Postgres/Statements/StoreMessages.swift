import MartletProtocol
import ServerCore

/// Stores messages and gives them their places. One statement, so one transaction and one round
/// trip.
///
/// Conversations are locked in ascending order, so that two nodes cannot wait for each other. A
/// key stored before is answered with its first place and takes no new one. A key that another node
/// stores at the same moment violates `messages_by_key`: the whole is then to be repeated.
struct StoreMessages: PostgresStatement {
  let messages: [NewMessage]

  static let sql = """
    WITH input AS (
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[])
        WITH ORDINALITY AS input (conversation_id, sender_id, key, body, position)
    ),
    known AS (
      SELECT stored.* FROM messages AS stored JOIN input USING (sender_id, key)
    ),
    fresh AS (
      SELECT input.*,
        row_number() OVER (PARTITION BY input.conversation_id ORDER BY position) AS place
      FROM input
      WHERE NOT EXISTS (
        SELECT FROM known WHERE known.sender_id = input.sender_id AND known.key = input.key)
    ),
    locked AS (
      SELECT id FROM conversations
      WHERE id IN (SELECT conversation_id FROM fresh)
      ORDER BY id FOR UPDATE
    ),
    advanced AS (
      UPDATE conversations
      SET last_sequence = last_sequence + added.messages
      FROM locked
      JOIN (SELECT conversation_id, count(*) AS messages FROM fresh GROUP BY 1) AS added
        ON added.conversation_id = locked.id
      WHERE conversations.id = locked.id
      RETURNING conversations.id, last_sequence - added.messages AS base,
        -- Read under the lock, and once for all messages of the conversation: times never go back
        -- as sequences go on.
        date_trunc('milliseconds', clock_timestamp()) AS sent_at
    ),
    stored AS (
      INSERT INTO messages (conversation_id, sequence, sender_id, key, sent_at, body)
      SELECT fresh.conversation_id, advanced.base + fresh.place, fresh.sender_id, fresh.key,
        advanced.sent_at, fresh.body
      FROM fresh JOIN advanced ON advanced.id = fresh.conversation_id
      RETURNING conversation_id, sequence, sender_id, sent_at, key, body
    )
    SELECT conversation_id, sequence, sender_id, sent_at, key, body FROM stored
    UNION ALL
    SELECT conversation_id, sequence, sender_id, sent_at, key, body FROM known
    """

  var binds: [PostgresBind] {
    [
      .int8Array(messages.map(\.conversation.rawValue)),
      .int8Array(messages.map(\.sender.rawValue)),
      .uuidArray(messages.map(\.key)),
      .textArray(messages.map(\.text)),
    ]
  }

  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Message {
    try Message(row: &row)
  }
}

extension Message {
  /// Reads the columns `conversation_id, sequence, sender_id, sent_at, key, body`.
  init(row: inout PostgresRow) throws(PostgresError) {
    self.init(
      conversation: ConversationID(try row.int8()), sequence: MessageSequence(try row.int8()),
      sender: UserID(try row.int8()), sentAt: try row.timestamp(), key: try row.uuid(),
      text: try row.text())
  }
}
