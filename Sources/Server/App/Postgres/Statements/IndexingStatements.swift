import MartletProtocol
import ServerCore

/// Conversations with whole blocks that are not indexed, the first after one.
struct ListUnindexedConversations: PostgresStatement {
  let after: ConversationID
  let limit: Int
  static let sql = """
    SELECT id FROM conversations JOIN search_progress ON conversation_id = id
    WHERE id > $1 AND last_sequence / \(SearchBlock.length) > blocks
    ORDER BY id LIMIT $2
    """
  var binds: [PostgresBind] { [.int8(after.rawValue), .int8(Int64(limit))] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> ConversationID {
    ConversationID(try row.int8())
  }
}

/// Locks a conversation's progress until the end of the transaction.
struct LockSearchProgress: PostgresStatement {
  let conversation: ConversationID
  static let sql = "SELECT blocks FROM search_progress WHERE conversation_id = $1 FOR UPDATE"
  var binds: [PostgresBind] { [.int8(conversation.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SearchBlock {
    SearchBlock(number: try row.int8())
  }
}

/// The folded texts of a block.
struct ListFoldedTexts: PostgresStatement {
  let conversation: ConversationID
  let block: SearchBlock
  static let isPlannedForItsBinds = true
  static let sql = """
    SELECT fold(body) FROM messages
    WHERE conversation_id = $1 AND sequence BETWEEN $2 AND $3
    """
  var binds: [PostgresBind] {
    [
      .int8(conversation.rawValue), .int8(block.places.lowerBound),
      .int8(block.places.upperBound),
    ]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}

/// Adds a block.
struct AddBlock: PostgresStatement {
  typealias Row = Void
  let conversation: ConversationID
  let block: SearchBlock
  let grams: [Int32]
  static let sql = """
    INSERT INTO search_blocks (conversation_id, block, grams) VALUES ($1, $2, $3)
    """
  var binds: [PostgresBind] {
    [.int8(conversation.rawValue), .int8(block.number), .int4Array(grams)]
  }
}

/// Says that all blocks before one are indexed.
struct RecordSearchProgress: PostgresStatement {
  typealias Row = Void
  let conversation: ConversationID
  let next: SearchBlock
  static let sql = "UPDATE search_progress SET blocks = $2 WHERE conversation_id = $1"
  var binds: [PostgresBind] { [.int8(conversation.rawValue), .int8(next.number)] }
}
