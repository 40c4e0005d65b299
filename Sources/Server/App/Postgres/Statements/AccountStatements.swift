import MartletProtocol
import ServerCore

/// The form in which a name is checked and stored.
struct NormalizeName: PostgresStatement {
  let name: String
  static let sql = "SELECT normalize($1, NFKC)"
  var binds: [PostgresBind] { [.text(name)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}

/// Creates an account; no row when the folded name is taken. One that looks like it violates
/// `users_by_skeleton`.
struct CreateAccount: PostgresStatement {
  static let nameTaken = PostgresError.Kind.uniqueViolation(constraint: "users_by_skeleton")

  let name: String
  let passwordHash: String
  static let sql = """
    INSERT INTO users (name, password_hash, skeleton) VALUES ($1, $2, skeleton($1))
    ON CONFLICT (folded_name) DO NOTHING
    RETURNING id, name
    """
  var binds: [PostgresBind] { [.text(name), .text(passwordHash)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> User {
    User(id: UserID(try row.int8()), name: try row.text())
  }
}

/// The account that has a name in any case or composition.
struct FindCredentials: PostgresStatement {
  let name: String
  static let sql = """
    SELECT id, name, password_hash, disabled_at IS NOT NULL FROM users
    WHERE folded_name = fold($1) AND deleted_at IS NULL
    """
  var binds: [PostgresBind] { [.text(name)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Credentials {
    Credentials(
      user: User(id: UserID(try row.int8()), name: try row.text()), passwordHash: try row.text(),
      isDisabled: try row.bool())
  }
}

/// Replaces the stored form of a password that is still the one that was checked.
struct ReplacePasswordHash: PostgresStatement {
  typealias Row = Void
  let user: UserID
  let oldHash: String
  let newHash: String
  static let sql = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2"
  var binds: [PostgresBind] { [.int8(user.rawValue), .text(oldHash), .text(newHash)] }
}

/// Changes a password that is still the one that was checked. Done twice, it is done once: the new
/// hash is salted afresh for each change.
struct ChangePasswordHash: PostgresStatement {
  let user: UserID
  let oldHash: String
  let newHash: String
  static let sql = """
    UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash IN ($2, $3) RETURNING id
    """
  var binds: [PostgresBind] { [.int8(user.rawValue), .text(oldHash), .text(newHash)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> UserID {
    UserID(try row.int8())
  }
}

/// When users were last seen.
struct ListLastSeen: PostgresStatement {
  let users: [UserID]
  static let sql = "SELECT id, last_seen_at FROM users WHERE id = ANY ($1)"
  var binds: [PostgresBind] { [.int8Array(users.map(\.rawValue))] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Presence {
    Presence(
      user: UserID(try row.int8()), online: false, lastSeen: try row.optionalTimestamp())
  }
}

/// Remembers when somebody's last device left.
struct RecordLastSeen: PostgresStatement {
  typealias Row = Void
  let user: UserID
  let time: Timestamp
  static let sql = """
    UPDATE users SET last_seen_at = greatest(last_seen_at, $2) WHERE id = $1
    """
  var binds: [PostgresBind] { [.int8(user.rawValue), .timestamp(time)] }
}

/// What names the database.
struct ReadServerIdentity: PostgresStatement {
  static let sql = "SELECT id::text, epoch FROM server"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> ServerIdentity {
    ServerIdentity(id: try row.text(), epoch: try row.int8())
  }
}

/// What names the database, and whether it is where it was; `nil` while that was never looked at.
struct LookAtServer: PostgresStatement {
  let home: Int64
  static let sql = "SELECT id::text, epoch, has_moved($1) FROM server"
  var binds: [PostgresBind] { [.int8(home)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError)
    -> (identity: ServerIdentity, hasMoved: Bool?)
  {
    (ServerIdentity(id: try row.text(), epoch: try row.int8()), try row.optionalBool())
  }
}

/// Writes down where the database is, in a new epoch if it was elsewhere.
struct RecognizeServer: PostgresStatement {
  let home: Int64
  static let sql = "SELECT id::text, epoch, is_new FROM recognize_database($1)"
  var binds: [PostgresBind] { [.int8(home)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError)
    -> (identity: ServerIdentity, isNew: Bool)
  {
    (ServerIdentity(id: try row.text(), epoch: try row.int8()), try row.bool())
  }
}

/// Begins an epoch, and returns it.
struct RaiseEpoch: PostgresStatement {
  static let sql = "SELECT raise_epoch()"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Int64 { try row.int8() }
}

/// Whether the database answers and has the schema up to a step.
struct HasSchema: PostgresStatement {
  let number: Int64
  static let sql = "SELECT EXISTS (SELECT FROM schema_migrations WHERE number = $1)"
  var binds: [PostgresBind] { [.int8(number)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Bool { try row.bool() }
}
