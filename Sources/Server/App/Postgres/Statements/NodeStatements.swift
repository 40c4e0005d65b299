import MartletProtocol
import ServerCore

/// A node in a database: numbers come again in one that was restored, tokens do not.
struct NodeName: Hashable {
  let id: NodeID
  let token: NodeToken
}

/// A random UUID.
struct NodeToken: UUIDIdentifier {
  let high: UInt64
  let low: UInt64
}

/// Adds a node.
struct AddNode: PostgresStatement {
  let name: String
  static let sql = "INSERT INTO nodes (name) VALUES ($1) RETURNING id, token"
  var binds: [PostgresBind] { [.text(name)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> NodeName {
    NodeName(id: NodeID(try row.int8()), token: try row.uuid())
  }
}

/// The number that was given last to an event, after which a new node begins to read: also when it is swept.
struct ReadNewestEvent: PostgresStatement {
  static let sql = "SELECT last_value - (NOT is_called)::int::bigint FROM node_events_id_seq"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Int64 { try row.int8() }
}

/// Says that a node is alive; no row when it was taken for dead.
struct Beat: PostgresStatement {
  let node: NodeName
  static let sql = """
    UPDATE nodes SET heartbeat = clock_timestamp() WHERE id = $1 AND token = $2 RETURNING id
    """
  var binds: [PostgresBind] { [.int8(node.id.rawValue), .uuid(node.token)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> NodeID {
    NodeID(try row.int8())
  }
}

/// Removes the nodes but for one that have been silent for too long.
struct RemoveSilentNodes: PostgresStatement {
  let besides: NodeID
  static let sql =
    "DELETE FROM nodes WHERE id <> $1 AND NOT \(ListLivingNodes.condition) RETURNING id"
  var binds: [PostgresBind] { [.int8(besides.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> NodeID {
    NodeID(try row.int8())
  }
}

/// The nodes but for one.
struct ListNodes: PostgresStatement {
  let besides: NodeID
  static let sql = "SELECT id FROM nodes WHERE id <> $1"
  var binds: [PostgresBind] { [.int8(besides.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> NodeID {
    NodeID(try row.int8())
  }
}

/// The nodes that have not been silent for too long.
struct ListLivingNodes: PostgresStatement {
  static let condition =
    "heartbeat >= clock_timestamp() - interval '\(NodeLink.silence / .milliseconds(1)) ms'"
  static let sql = "SELECT id FROM nodes WHERE \(condition)"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> NodeID {
    NodeID(try row.int8())
  }
}

/// Removes a node that stops.
struct RemoveNode: PostgresStatement {
  typealias Row = Void
  let node: NodeName
  static let sql = "DELETE FROM nodes WHERE id = $1 AND token = $2"
  var binds: [PostgresBind] { [.int8(node.id.rawValue), .uuid(node.token)] }
}

/// Tells all other nodes of events: one row, and one notification, in one transaction.
struct TellNodes: PostgresStatement {
  typealias Row = Void
  static let channel = "martlet_nodes"

  let node: NodeID
  let events: [UInt8]
  /// The transaction gets its number before the event does: readers take a gap for good once all are over that
  /// had one when they found it.
  static let sql = """
    WITH told AS (
      INSERT INTO node_events (node_id, events)
      SELECT $1, $2 WHERE pg_current_xact_id() IS NOT NULL RETURNING id
    )
    SELECT pg_notify('\(channel)', '') FROM told
    """
  var binds: [PostgresBind] { [.int8(node.rawValue), .bytes(events)] }
}

/// What was told since, and what was missing; with no bytes where the asking node told it itself. There is a
/// row without number where nothing was told, for what every row says of the transactions.
struct ReadEvents: PostgresStatement {
  /// How many rows are read at once.
  static let limit = 100

  let cursor: EventCursor
  let node: NodeID

  struct Row {
    let oldest: Int64
    let next: Int64
    let event: (number: Int64, node: NodeID, events: [UInt8])?
  }

  static let sql = """
    SELECT pg_snapshot_xmin(snapshot)::text::bigint, pg_snapshot_xmax(snapshot)::text::bigint,
      id, node_id, CASE WHEN node_id = $3 THEN '' ELSE events END
    FROM pg_current_snapshot() AS snapshot LEFT JOIN (
      (SELECT * FROM node_events WHERE id > $1 ORDER BY id LIMIT \(limit))
      UNION ALL SELECT * FROM node_events WHERE id = ANY ($2::bigint[])
    ) AS told ON true
    ORDER BY id
    """
  var binds: [PostgresBind] {
    [.int8(cursor.newest), .int8Array(cursor.missing), .int8(node.rawValue)]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Row {
    let (oldest, next) = (try row.int8(), try row.int8())
    guard let number = try row.optionalInt8() else {
      return Row(oldest: oldest, next: next, event: nil)
    }
    return Row(
      oldest: oldest, next: next,
      event: (number, NodeID(try row.int8()), try row.bytes()))
  }
}

/// Forgets events that everybody has read.
struct RemoveEvents: PostgresStatement {
  typealias Row = Void
  let upTo: Int64
  static let sql = "DELETE FROM node_events WHERE id <= $1"
  var binds: [PostgresBind] { [.int8(upTo)] }
}

/// Messages of several conversations by their places, each looked up in the index of its part: joined as the
/// planner likes, all parts would be read.
struct ListMessagesOfConversations: PostgresStatement {
  let references: [MessageReference]
  static let sql = """
    SELECT \(Message.columns(of: "messages"))
    FROM unnest($1::bigint[], $2::bigint[]) AS place (conversation_id, sequence)
    CROSS JOIN LATERAL (
      SELECT * FROM messages
      WHERE messages.conversation_id = place.conversation_id AND messages.sequence = place.sequence
      OFFSET 0
    ) AS messages
    \(Message.joins(to: "messages"))
    """
  var binds: [PostgresBind] {
    [
      .int8Array(references.map(\.conversation.rawValue)),
      .int8Array(references.map(\.sequence.rawValue)),
    ]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Message {
    try Message(row: &row)
  }
}
