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

/// The folded texts of some blocks.
struct ListFoldedTexts: PostgresStatement {
  let conversation: ConversationID
  let first: SearchBlock
  let last: SearchBlock
  static let isPlannedForItsBinds = true
  static let sql = """
    SELECT sequence, fold(body) FROM messages
    WHERE conversation_id = $1 AND sequence BETWEEN $2 AND $3
    """
  var binds: [PostgresBind] {
    [
      .int8(conversation.rawValue), .int8(first.places.lowerBound), .int8(last.places.upperBound),
    ]
  }
  static func decode(
    _ row: inout PostgresRow
  ) throws(PostgresError) -> (block: SearchBlock, text: String) {
    (SearchBlock(of: MessageSequence(try row.int8())), try row.text())
  }
}

/// Takes out the signatures of some blocks.
struct TakeSignatures: PostgresStatement {
  let conversation: ConversationID
  let blocks: Range<Int64>
  static let sql = """
    DELETE FROM search_signatures
    WHERE conversation_id = $1 AND first_block >= $2 AND first_block < $3
    RETURNING first_block, blocks::bigint, slices
    """
  var binds: [PostgresBind] {
    [.int8(conversation.rawValue), .int8(blocks.lowerBound), .int8(blocks.upperBound)]
  }
  static func decode(
    _ row: inout PostgresRow
  ) throws(PostgresError) -> (first: Int64, signature: SearchSignature) {
    let first = try row.int8()
    let signature = SearchSignature(blocks: Int(try row.int8()), bytes: try row.bytes())
    guard let signature else {
      throw PostgresError(kind: .unexpectedAnswer, cause: "a signature of another length")
    }
    return (first, signature)
  }
}

/// Adds a signature.
struct AddSignature: PostgresStatement {
  typealias Row = Void
  let conversation: ConversationID
  let first: Int64
  let signature: SearchSignature
  static let sql = """
    INSERT INTO search_signatures (conversation_id, first_block, blocks, slices)
    VALUES ($1, $2, $3, $4)
    """
  var binds: [PostgresBind] {
    [
      .int8(conversation.rawValue), .int8(first), .int8(Int64(signature.blocks)),
      .bytes(signature.bytes),
    ]
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
