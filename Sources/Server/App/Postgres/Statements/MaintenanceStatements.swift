import MartletProtocol

/// What is worth knowing of a database.
struct ReadFacts: PostgresStatement {
  struct Row {
    let encoding: String
    let isDurable: Bool
    /// Whether the role may make tables.
    let mayCreate: Bool
    let now: Timestamp
  }

  static let sql = """
    SELECT current_setting('server_encoding'),
      current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off',
      coalesce(has_schema_privilege(current_schema(), 'CREATE'), false), clock_timestamp()
    """
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Row {
    Row(
      encoding: try row.text(), isDurable: try row.bool(), mayCreate: try row.bool(),
      now: try row.timestamp())
  }
}

/// A table of the database, if it has one.
struct FindTables: PostgresStatement {
  static let sql = """
    SELECT relname::text FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') LIMIT 1
    """
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}

/// The files that are whole.
struct ListWholeAttachments: PostgresStatement {
  static let sql = "SELECT id FROM attachments WHERE media_type IS NOT NULL"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AttachmentID {
    try row.uuid()
  }
}

/// Who is in a conversation.
struct ListMemberNames: PostgresStatement {
  let conversation: ConversationID
  static let sql = """
    SELECT users.id, name FROM members JOIN users ON users.id = user_id WHERE conversation_id = $1
    """
  var binds: [PostgresBind] { [.int8(conversation.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> (UserID, String) {
    (UserID(try row.int8()), try row.text())
  }
}

/// The database that a connection is to.
struct CurrentDatabase: PostgresStatement {
  static let sql = "SELECT current_database()::text"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}
