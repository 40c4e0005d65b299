import MartletProtocol

/// Messages before a place, the newest first.
struct ListMessagesBefore: PostgresStatement {
  let conversation: ConversationID
  let sequence: MessageSequence
  let limit: Int
  static let isPlannedForItsBinds = true
  static let sql = """
    SELECT \(Message.columns(of: "messages")) FROM messages
    \(Message.joins(to: "messages"))
    WHERE conversation_id = $1 AND sequence < $2
    ORDER BY sequence DESC LIMIT $3
    """
  var binds: [PostgresBind] {
    [.int8(conversation.rawValue), .int8(sequence.rawValue), .int8(Int64(limit))]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Message {
    try Message(row: &row)
  }
}

/// Messages after a place, the oldest first.
struct ListMessagesAfter: PostgresStatement {
  let conversation: ConversationID
  let sequence: MessageSequence
  let limit: Int
  static let isPlannedForItsBinds = true
  static let sql = """
    SELECT \(Message.columns(of: "messages")) FROM messages
    \(Message.joins(to: "messages"))
    WHERE conversation_id = $1 AND sequence > $2
    ORDER BY sequence LIMIT $3
    """
  var binds: [PostgresBind] {
    [.int8(conversation.rawValue), .int8(sequence.rawValue), .int8(Int64(limit))]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Message {
    try Message(row: &row)
  }
}
