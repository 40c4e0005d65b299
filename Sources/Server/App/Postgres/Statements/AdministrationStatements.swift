import MartletProtocol
import ServerCore

/// Uses an invite once; no row when there is none, or it is used up or expired.
struct UseInvite: PostgresStatement {
  let code: String
  static let sql = """
    UPDATE invites SET uses_left = uses_left - 1
    WHERE code = $1 AND uses_left > 0 AND (expires_at IS NULL OR expires_at > now())
    RETURNING uses_left
    """
  var binds: [PostgresBind] { [.text(code)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Int64 { try row.int8() }
}

/// An invite that can be used.
struct FindInvite: PostgresStatement {
  let code: String
  static let sql = """
    SELECT uses_left FROM invites
    WHERE code = $1 AND uses_left > 0 AND (expires_at IS NULL OR expires_at > now())
    """
  var binds: [PostgresBind] { [.text(code)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Int64 { try row.int8() }
}

struct InsertInvite: PostgresStatement {
  let invite: NewInvite
  static let sql = """
    INSERT INTO invites (code, uses_left, expires_at, note)
    VALUES ($1, $2, nullif($3, 'infinity'::timestamptz), $4)
    RETURNING code, uses_left, created_at, expires_at, note
    """
  var binds: [PostgresBind] {
    [
      .text(invite.code), .int8(invite.uses), .optionalTimestamp(invite.expiresAt),
      .text(invite.note),
    ]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Invite {
    try Invite(row: &row)
  }
}

/// The invites that can be used.
struct SelectInvites: PostgresStatement {
  static let sql = """
    SELECT code, uses_left, created_at, expires_at, note FROM invites
    WHERE uses_left > 0 AND (expires_at IS NULL OR expires_at > now())
    ORDER BY created_at DESC, code
    LIMIT 1000
    """
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Invite {
    try Invite(row: &row)
  }
}

struct DeleteInvite: PostgresStatement {
  let code: String
  static let sql = "DELETE FROM invites WHERE code = $1 AND uses_left > 0 RETURNING uses_left"
  var binds: [PostgresBind] { [.text(code)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Int64 { try row.int8() }
}

extension Invite {
  fileprivate init(row: inout PostgresRow) throws(PostgresError) {
    self.init(
      code: try row.text(), usesLeft: try row.int8(), createdAt: try row.timestamp(),
      expiresAt: try row.optionalTimestamp(), note: try row.text())
  }
}

private let accountColumns = """
  users.id, users.name, users.created_at, users.last_seen_at, users.disabled_at,
  CASE WHEN users.muted_until > now() THEN users.muted_until END,
  (SELECT count(*) FROM sessions WHERE user_id = users.id AND expires_at > now()),
  (SELECT count(*) FROM members WHERE user_id = users.id),
  files.number, files.bytes
  """
private let accountTables = """
  users CROSS JOIN LATERAL (
    SELECT count(*) AS number, coalesce(sum(size), 0)::bigint AS bytes FROM attachments
    WHERE owner_id = users.id
  ) AS files
  """

extension AccountRecord {
  fileprivate init(row: inout PostgresRow) throws(PostgresError) {
    self.init(
      id: UserID(try row.int8()), name: try row.text(), createdAt: try row.timestamp(),
      lastSeen: try row.optionalTimestamp(), disabledAt: try row.optionalTimestamp(),
      mutedUntil: try row.optionalTimestamp(), sessions: try row.int8(),
      conversations: try row.int8(), files: try row.int8(), fileBytes: try row.int8())
  }
}

struct ListAccounts: PostgresStatement {
  let after: UserID
  let limit: Int
  static let sql = """
    SELECT \(accountColumns) FROM \(accountTables)
    WHERE users.id > $1 AND deleted_at IS NULL ORDER BY users.id LIMIT $2
    """
  var binds: [PostgresBind] { [.int8(after.rawValue), .int8(Int64(limit))] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AccountRecord {
    try AccountRecord(row: &row)
  }
}

struct FindAccount: PostgresStatement {
  let name: String
  static let sql = """
    SELECT \(accountColumns) FROM \(accountTables)
    WHERE folded_name = fold($1) AND deleted_at IS NULL
    """
  var binds: [PostgresBind] { [.text(name)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AccountRecord {
    try AccountRecord(row: &row)
  }
}

struct OverwritePasswordHash: PostgresStatement {
  typealias Row = Void
  let user: UserID
  let hash: String
  static let sql = "UPDATE users SET password_hash = $2 WHERE id = $1 AND deleted_at IS NULL"
  var binds: [PostgresBind] { [.int8(user.rawValue), .text(hash)] }
}

struct SetUserDisabled: PostgresStatement {
  typealias Row = Void
  let user: UserID
  let isDisabled: Bool
  static let sql = """
    UPDATE users SET disabled_at = CASE WHEN $2 = 1 THEN coalesce(disabled_at, now()) END
    WHERE id = $1 AND deleted_at IS NULL
    """
  var binds: [PostgresBind] { [.int8(user.rawValue), .int8(isDisabled ? 1 : 0)] }
}

struct SetUserMuted: PostgresStatement {
  typealias Row = Void
  let user: UserID
  let until: Timestamp?
  static let sql = """
    UPDATE users SET muted_until = nullif($2, 'infinity'::timestamptz) WHERE id = $1
    """
  var binds: [PostgresBind] { [.int8(user.rawValue), .optionalTimestamp(until)] }
}

/// Those who may not write, and until when.
struct ListMutes: PostgresStatement {
  static let sql = "SELECT id, muted_until FROM users WHERE muted_until > now()"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> (UserID, Timestamp) {
    (UserID(try row.int8()), try row.timestamp())
  }
}

/// Takes an account's name and password away. The name that it gets is nobody's: it is random, and not long.
struct EraseAccount: PostgresStatement {
  let user: UserID
  static let sql = """
    UPDATE users SET name = given.name, skeleton = skeleton(given.name), password_hash = '',
      disabled_at = coalesce(disabled_at, now()), deleted_at = now(), muted_until = NULL,
      last_seen_at = NULL
    FROM (SELECT 'deleted-' || left(gen_random_uuid()::text, 8) AS name) AS given
    WHERE id = $1
    RETURNING users.id, users.name
    """
  var binds: [PostgresBind] { [.int8(user.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> User {
    User(id: UserID(try row.int8()), name: try row.text())
  }
}

/// Removes what a user has sent nobody.
struct DeleteUnsentAttachmentsOf: PostgresStatement {
  typealias Row = Void
  let user: UserID
  static let sql = """
    WITH gone AS (
      DELETE FROM attachments WHERE owner_id = $1
        AND NOT EXISTS (SELECT FROM messages WHERE attachment_id = attachments.id)
      RETURNING id
    )
    INSERT INTO doomed_files (attachment_id) SELECT id FROM gone ON CONFLICT DO NOTHING
    """
  var binds: [PostgresBind] { [.int8(user.rawValue)] }
}

/// Ends one session of a user's, or all of them.
struct EndSessionsOfUser: PostgresStatement {
  let user: UserID
  let session: SessionID?
  static let sql = """
    DELETE FROM sessions WHERE user_id = $1 AND (cardinality($2::bigint[]) = 0 OR id = ANY ($2))
    RETURNING id
    """
  var binds: [PostgresBind] {
    [.int8(user.rawValue), .int8Array(session.map { [$0.rawValue] } ?? [])]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> SessionID {
    SessionID(try row.int8())
  }
}

struct ListConversationsOfUser: PostgresStatement {
  let user: UserID
  static let sql = "SELECT conversation_id FROM members WHERE user_id = $1 ORDER BY 1"
  var binds: [PostgresBind] { [.int8(user.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> ConversationID {
    ConversationID(try row.int8())
  }
}

/// How much there is. Many messages are counted by what the planner knows: to count them takes as long as there
/// are many.
struct CountEverything: PostgresStatement {
  static let sql = """
    SELECT (SELECT count(*) FROM users WHERE deleted_at IS NULL),
      (SELECT count(*) FROM sessions WHERE expires_at > now()),
      (SELECT count(*) FROM conversations),
      (SELECT CASE WHEN reltuples < 100000 THEN (SELECT count(*) FROM message_keys)
        ELSE reltuples::bigint END FROM pg_class WHERE oid = 'message_keys'::regclass),
      (SELECT count(*) FROM attachments),
      (SELECT coalesce(sum(size), 0)::bigint FROM attachments),
      pg_database_size(current_database()),
      (SELECT max(number) FROM schema_migrations)
    """
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> DatabaseStatistics {
    DatabaseStatistics(
      accounts: try row.int8(), sessions: try row.int8(), conversations: try row.int8(),
      messages: try row.int8(), files: try row.int8(), fileBytes: try row.int8(),
      databaseBytes: try row.int8(), schema: try row.int8())
  }
}

/// Adds to the audit, and drops some of what is too old: more than comes, so that it gets no longer.
struct RecordAudit: PostgresStatement {
  typealias Row = Void
  let entry: AuditEntry
  let days: Int64
  static let sql = """
    WITH old AS (
      SELECT id FROM audit WHERE at < now() - $6 * interval '1 day' ORDER BY at LIMIT 100
    ), gone AS (
      DELETE FROM audit USING old WHERE audit.id = old.id
    )
    INSERT INTO audit (event, user_id, session_id, origin, detail)
    VALUES ($1, nullif($2, 0), nullif($3, 0), $4, $5)
    """
  var binds: [PostgresBind] {
    [
      .text(entry.event.rawValue), .int8(entry.user?.rawValue ?? 0),
      .int8(entry.session?.rawValue ?? 0), .text(entry.origin), .text(entry.detail), .int8(days),
    ]
  }
}

struct SelectAudit: PostgresStatement {
  let query: ReadAudit
  static let sql = """
    SELECT audit.id, at, event, user_id, users.name, session_id, origin, detail
    FROM audit LEFT JOIN users ON users.id = user_id
    WHERE ($1 = '' OR user_id = (SELECT id FROM users WHERE folded_name = fold($1)))
      AND ($2 = '' OR event = $2) AND audit.id < $3
    ORDER BY audit.id DESC LIMIT $4
    """
  var binds: [PostgresBind] {
    [
      .text(query.user ?? ""), .text(query.event ?? ""), .int8(query.before ?? .max),
      .int8(Int64(min(query.limit, ReadAudit.page))),
    ]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AuditRecord {
    AuditRecord(
      id: try row.int8(), at: try row.timestamp(), event: try row.text(),
      user: try row.optionalInt8().map { UserID($0) }, name: try row.optionalText(),
      session: try row.optionalInt8().map { SessionID($0) }, origin: try row.text(),
      detail: try row.text())
  }
}
