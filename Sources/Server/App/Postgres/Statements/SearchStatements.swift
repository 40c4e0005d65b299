import MartletProtocol
import ServerCore

/// Texts as they are compared.
struct FoldTexts: PostgresStatement {
  let texts: [String]
  static let sql = """
    SELECT fold(text) FROM unnest($1::text[]) WITH ORDINALITY AS input (text, position)
    ORDER BY position
    """
  var binds: [PostgresBind] { [.textArray(texts)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}

/// What of a conversation is there and what of it is indexed.
struct ReadSearchScope: PostgresStatement {
  let conversation: ConversationID
  static let sql = """
    SELECT last_sequence, cleared_sequence, blocks
    FROM conversations JOIN search_progress ON conversation_id = id
    WHERE id = $1
    """
  var binds: [PostgresBind] { [.int8(conversation.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SearchScope {
    SearchScope(
      last: MessageSequence(try row.int8()), cleared: MessageSequence(try row.int8()),
      indexed: SearchBlock(number: try row.int8()))
  }
}

/// What the newest signatures that cover blocks before one say of some grams.
struct ReadSignatures: PostgresStatement {
  /// A signature's regions of the grams, one after the other.
  struct Row {
    let first: SearchBlock
    let blocks: Int
    let regions: [UInt8]
  }

  let conversation: ConversationID
  let grams: [Gram]
  let before: SearchBlock
  let limit: Int
  static let sql = """
    SELECT first_block, blocks::bigint, (
      SELECT string_agg(
        substring(slices FROM region * \(SearchSignature.bytesOfRegion) * blocks + 1
          FOR \(SearchSignature.bytesOfRegion) * blocks), '' ORDER BY position)
      FROM unnest($2::integer[]) WITH ORDINALITY AS wanted (region, position)
    )
    FROM search_signatures
    WHERE conversation_id = $1 AND first_block < $3
    ORDER BY first_block DESC LIMIT $4
    """
  var binds: [PostgresBind] {
    [
      .int8(conversation.rawValue), .int4Array(grams.map { Int32($0.region) }),
      .int8(before.number), .int8(Int64(limit)),
    ]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Row {
    Row(
      first: SearchBlock(number: try row.int8()), blocks: Int(try row.int8()),
      regions: try row.bytes())
  }
}

/// The places within some stretches whose messages hold a text, in descending order.
struct FindMatches: PostgresStatement {
  let conversation: ConversationID
  let query: SearchQuery
  let stretches: [Range<Int64>]
  static let isPlannedForItsBinds = true
  static let sql = """
    SELECT sequence
    FROM unnest($3::bigint[], $4::bigint[]) AS stretch (low, high)
    CROSS JOIN LATERAL (
      SELECT sequence FROM messages
      WHERE conversation_id = $1 AND sequence >= low AND sequence < high
        AND position($2 IN fold(body)) > 0
      -- Keeps the planner at the primary key, one stretch after another.
      OFFSET 0
    ) AS found
    ORDER BY sequence DESC
    """
  var binds: [PostgresBind] {
    [
      .int8(conversation.rawValue), .text(query.folded),
      .int8Array(stretches.map(\.lowerBound)), .int8Array(stretches.map(\.upperBound)),
    ]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> MessageSequence {
    MessageSequence(try row.int8())
  }
}

/// Messages by their places, the newest first, with their folded texts.
struct ListMessagesAt: PostgresStatement {
  let conversation: ConversationID
  let places: [MessageSequence]
  static let isPlannedForItsBinds = true
  static let sql = """
    SELECT fold(body), \(Message.columns(of: "messages")) FROM messages
    \(Message.joins(to: "messages"))
    WHERE conversation_id = $1 AND sequence = ANY ($2::bigint[])
    ORDER BY sequence DESC
    """
  var binds: [PostgresBind] {
    [.int8(conversation.rawValue), .int8Array(places.map(\.rawValue))]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> FoldedMessage {
    let folded = try row.text()
    return FoldedMessage(message: try Message(row: &row), folded: folded)
  }
}

/// A user's conversations that are not empty, those that went on most recently first.
struct ListSearchableConversations: PostgresStatement {
  let user: UserID
  let position: ActivityPosition?
  let limit: Int
  static let sql = """
    SELECT newest.sent_at, conversations.id, (
      SELECT array_agg(user_id ORDER BY user_id) FROM members
      WHERE conversation_id = conversations.id
    )
    FROM members AS mine
    JOIN conversations ON conversations.id = mine.conversation_id
    \(ConversationSummary.newestJoin)
    WHERE mine.user_id = $1 AND (newest.sent_at, conversations.id) <= ($2, $3)
    ORDER BY newest.sent_at DESC, conversations.id DESC
    LIMIT $4
    """
  var binds: [PostgresBind] {
    [
      .int8(user.rawValue), .timestamp(position?.lastSentAt ?? Self.farOff),
      .int8(position?.conversation.rawValue ?? .max), .int8(Int64(limit)),
    ]
  }
  /// The year 5138.
  private static let farOff = Timestamp(milliseconds: 100_000_000_000_000)

  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SearchableConversation {
    SearchableConversation(
      position: ActivityPosition(
        lastSentAt: try row.timestamp(), conversation: ConversationID(try row.int8())),
      members: try row.int8Array().map(UserID.init(_:)))
  }
}
