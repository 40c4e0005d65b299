import MartletProtocol
import ServerCore

/// How long a session lives after it was last used.
private let sessionLife = "interval '90 days'"

/// Creates a session. Done twice for the same token, it makes one session.
struct CreateSession: PostgresStatement {
  let user: UserID
  let tokenHash: [UInt8]
  let device: String
  static let sql = """
    INSERT INTO sessions (user_id, token_hash, device, expires_at)
    VALUES ($1, $2, $3, now() + \(sessionLife))
    ON CONFLICT (token_hash) DO UPDATE SET device = excluded.device
    RETURNING id
    """
  var binds: [PostgresBind] { [.int8(user.rawValue), .bytes(tokenHash), .text(device)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SessionID {
    SessionID(try row.int8())
  }
}

/// The living session of a token; its life is prolonged, but not written more than once a day.
struct UseSession: PostgresStatement {
  let tokenHash: [UInt8]
  static let sql = """
    WITH found AS (
      SELECT sessions.id, user_id, name, expires_at
      FROM sessions JOIN users ON users.id = user_id
      WHERE token_hash = $1 AND expires_at > now()
    ),
    prolonged AS (
      UPDATE sessions SET expires_at = now() + \(sessionLife)
      FROM found
      WHERE sessions.id = found.id
        AND found.expires_at < now() + \(sessionLife) - interval '1 day'
    )
    SELECT id, user_id, name FROM found
    """
  var binds: [PostgresBind] { [.bytes(tokenHash)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SignedIn {
    let session = SessionID(try row.int8())
    return SignedIn(
      user: User(id: UserID(try row.int8()), name: try row.text()), session: session)
  }
}

/// Ends a session.
struct EndSession: PostgresStatement {
  typealias Row = Void
  let session: SessionID
  static let sql = "DELETE FROM sessions WHERE id = $1"
  var binds: [PostgresBind] { [.int8(session.rawValue)] }
}
