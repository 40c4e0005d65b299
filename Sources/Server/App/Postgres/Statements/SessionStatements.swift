import MartletProtocol
import ServerCore

/// How long a session lives after it was last used.
private let sessionLife = "interval '90 days'"

/// Creates a session, unless the password was changed since it was checked; a change under way is
/// waited for. Done twice for the same token, it makes one session.
struct CreateSession: PostgresStatement {
  let user: UserID
  let passwordHash: String
  let tokenHash: [UInt8]
  let device: String
  static let sql = """
    INSERT INTO sessions (user_id, token_hash, device, expires_at)
    SELECT id, $2, $3, now() + \(sessionLife) FROM users
    WHERE id = $1 AND password_hash = $4 AND disabled_at IS NULL FOR SHARE
    ON CONFLICT (token_hash) DO UPDATE SET device = excluded.device
    RETURNING id
    """
  var binds: [PostgresBind] {
    [.int8(user.rawValue), .bytes(tokenHash), .text(device), .text(passwordHash)]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SessionID {
    SessionID(try row.int8())
  }
}

/// The living session of a token; its life is prolonged, and its use noted, but not written
/// more than once an hour.
struct UseSession: PostgresStatement {
  let tokenHash: [UInt8]
  static let sql = """
    WITH found AS (
      SELECT sessions.id, user_id, name, expires_at, last_used_at
      FROM sessions JOIN users ON users.id = user_id
      WHERE token_hash = $1 AND expires_at > now()
    ),
    prolonged AS (
      UPDATE sessions SET expires_at = now() + \(sessionLife), last_used_at = now()
      FROM found
      WHERE sessions.id = found.id
        AND (found.last_used_at < now() - interval '1 hour'
          OR found.expires_at < now() + \(sessionLife) - interval '1 day')
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

/// Ends a session if it is the user's; no row when it is not there.
struct EndSessionOfUser: PostgresStatement {
  let session: SessionID
  let user: UserID
  static let sql = "DELETE FROM sessions WHERE id = $1 AND user_id = $2 RETURNING id"
  var binds: [PostgresBind] { [.int8(session.rawValue), .int8(user.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SessionID {
    SessionID(try row.int8())
  }
}

/// Ends all sessions of a user's but one.
struct EndOtherSessions: PostgresStatement {
  let user: UserID
  let kept: SessionID
  static let sql = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id"
  var binds: [PostgresBind] { [.int8(user.rawValue), .int8(kept.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SessionID {
    SessionID(try row.int8())
  }
}

/// The living sessions of a user, as many of the most recent as fit a frame.
struct ListSessionsOfUser: PostgresStatement {
  let user: UserID
  static let sql = """
    SELECT id, device, created_at, last_used_at FROM sessions
    WHERE user_id = $1 AND expires_at > now()
    ORDER BY last_used_at DESC, id DESC
    LIMIT 1000
    """
  var binds: [PostgresBind] { [.int8(user.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> StoredSession {
    StoredSession(
      id: SessionID(try row.int8()), device: try row.text(), createdAt: try row.timestamp(),
      lastUsedAt: try row.timestamp())
  }
}
