import MartletProtocol
import ServerCore

/// The form in which a name is checked and stored.
struct NormalizeName: PostgresStatement {
  let name: String
  static let sql = "SELECT normalize($1, NFKC)"
  var binds: [PostgresBind] { [.text(name)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}

/// Creates an account; no row when the folded name is taken.
struct CreateAccount: PostgresStatement {
  let name: String
  let passwordHash: String
  static let sql = """
    INSERT INTO users (name, password_hash) VALUES ($1, $2)
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
  static let sql = "SELECT id, name, password_hash FROM users WHERE folded_name = fold($1)"
  var binds: [PostgresBind] { [.text(name)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Credentials {
    Credentials(
      user: User(id: UserID(try row.int8()), name: try row.text()), passwordHash: try row.text())
  }
}

/// Replaces the stored form of a password.
struct ReplacePasswordHash: PostgresStatement {
  typealias Row = Void
  let user: UserID
  let hash: String
  static let sql = "UPDATE users SET password_hash = $2 WHERE id = $1"
  var binds: [PostgresBind] { [.int8(user.rawValue), .text(hash)] }
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

/// Whether the database answers and has its schema.
struct Probe: PostgresStatement {
  typealias Row = Void
  static let sql = "SELECT FROM server"
  var binds: [PostgresBind] { [] }
}
