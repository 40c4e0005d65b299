import MartletProtocol
import ServerCore

/// Locks a conversation against whoever stores messages in it, and says everything up to its newest
/// message cleared. No row when there is no such conversation.
struct CloseHistory: PostgresStatement {
  let conversation: ConversationID
  static let sql = """
    UPDATE conversations SET cleared_sequence = last_sequence WHERE id = $1
    RETURNING cleared_sequence
    """
  var binds: [PostgresBind] { [.int8(conversation.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> MessageSequence {
    MessageSequence(try row.int8())
  }
}

/// Deletes the messages of a conversation up to a place, and notes which part of the table they were
/// in. Returns the attachments they carried. Their keys stay: a resend must not bring them back.
struct DeleteMessages: PostgresStatement {
  let conversation: ConversationID
  let sequence: MessageSequence
  static let isPlannedForItsBinds = true
  static let sql = """
    WITH gone AS (
      DELETE FROM messages WHERE conversation_id = $1 AND sequence <= $2
      RETURNING tableoid, attachment_id
    ),
    noted AS (
      \(noteRewrites(of: "SELECT DISTINCT tableoid FROM gone"))
    )
    SELECT DISTINCT attachment_id FROM gone WHERE attachment_id IS NOT NULL
    """
  var binds: [PostgresBind] { [.int8(conversation.rawValue), .int8(sequence.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AttachmentID {
    try row.uuid()
  }
}

/// Makes everybody in a conversation have read up to a place.
struct RaiseReadMarks: PostgresStatement {
  typealias Row = Void
  let conversation: ConversationID
  let sequence: MessageSequence
  static let sql = """
    UPDATE members SET read_sequence = $2 WHERE conversation_id = $1 AND read_sequence < $2
    """
  var binds: [PostgresBind] { [.int8(conversation.rawValue), .int8(sequence.rawValue)] }
}

/// Locks attachments against messages that are about to carry them: whether one does is then seen by
/// the next statement.
struct LockAttachments: PostgresStatement {
  typealias Row = Void
  let attachments: [AttachmentID]
  static let sql = "SELECT FROM attachments WHERE id = ANY ($1) ORDER BY id FOR UPDATE"
  var binds: [PostgresBind] { [.uuidArray(attachments)] }
}

/// Deletes those attachments that no message carries any more, and dooms their files.
struct DeleteUnusedAttachments: PostgresStatement {
  typealias Row = Void
  let attachments: [AttachmentID]
  static let sql = """
    WITH gone AS (
      DELETE FROM attachments
      WHERE id = ANY ($1)
        AND NOT EXISTS (SELECT FROM messages WHERE attachment_id = attachments.id)
      RETURNING id, tableoid
    ),
    doomed AS (
      INSERT INTO doomed_files (attachment_id) SELECT id FROM gone ON CONFLICT DO NOTHING
    )
    \(noteRewrites(of: "SELECT DISTINCT tableoid FROM gone"))
    """
  var binds: [PostgresBind] { [.uuidArray(attachments)] }
}

/// Notes tables, given as their `tableoid`, that are to be written anew.
private func noteRewrites(of tables: String) -> String {
  """
  INSERT INTO pending_rewrites AS noted (part) \(tables)
  ON CONFLICT (part) DO UPDATE SET requests = noted.requests + 1
  """
}
