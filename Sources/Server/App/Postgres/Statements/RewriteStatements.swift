/// A table that is to be written anew.
struct PendingRewrite {
  /// Its object identifier.
  let part: Int64
  /// Its name, quoted as SQL wants it.
  let name: String
  /// How often it was asked for; another number later means that it was asked for again.
  let requests: Int64
}

/// What is to be written anew.
struct ListPendingRewrites: PostgresStatement {
  static let sql = """
    SELECT part::oid::bigint, part::text, requests
    FROM pending_rewrites JOIN pg_class ON pg_class.oid = part
    ORDER BY pending_rewrites.part
    """
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> PendingRewrite {
    PendingRewrite(part: try row.int8(), name: try row.text(), requests: try row.int8())
  }
}

/// Strikes out a table that was written anew, unless it was asked for again meanwhile.
struct StrikeOutRewrite: PostgresStatement {
  typealias Row = Void
  let done: PendingRewrite
  static let sql = """
    DELETE FROM pending_rewrites WHERE part = $1::oid::regclass AND requests = $2
    """
  var binds: [PostgresBind] { [.int8(done.part), .int8(done.requests)] }
}

/// The transaction that comes next: everything committed until now was done by earlier ones.
struct NextTransaction: PostgresStatement {
  static let sql = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}

/// Whether somebody may still see what a transaction before the given one has deleted: then a
/// rewrite would copy it.
///
/// A snapshot reaches back as far as the oldest transaction that ran when it was taken, in whatever
/// database.
struct IsSeenByOldSnapshots: PostgresStatement {
  let transaction: String
  static let sql = """
    WITH horizon AS (SELECT age($1::xid8::xid) AS age)
    SELECT
      EXISTS (
        SELECT FROM pg_stat_activity, horizon
        WHERE pid <> pg_backend_pid()
          AND (age(backend_xid) > horizon.age
            OR age(backend_xmin) > horizon.age
              AND coalesce(datname, current_database()) = current_database()))
      OR EXISTS (SELECT FROM pg_prepared_xacts, horizon WHERE age(transaction) > horizon.age)
      OR EXISTS (SELECT FROM pg_replication_slots, horizon WHERE age(xmin) > horizon.age)
    """
  var binds: [PostgresBind] { [.text(transaction)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Bool { try row.bool() }
}

/// Takes an advisory lock of the session's, if it is free.
struct TryAdvisoryLock: PostgresStatement {
  let number: Int64
  static let sql = "SELECT pg_try_advisory_lock($1)"
  var binds: [PostgresBind] { [.int8(number)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Bool { try row.bool() }
}

/// Gives an advisory lock of the session's back.
struct GiveAdvisoryLockBack: PostgresStatement {
  typealias Row = Void
  let number: Int64
  static let sql = "SELECT pg_advisory_unlock($1)"
  var binds: [PostgresBind] { [.int8(number)] }
}
