import Logging
import MartletProtocol
import ServerCore

/// Brings the schema up to date: numbered files, each in a transaction of its own, in order, once.
struct Migrator {
  /// One step of the schema.
  struct Migration {
    let number: Int64
    let sql: String
  }

  /// All steps, in order. Steps are only ever added.
  static let migrations = [
    Migration(
      number: 1,
      sql: String(decoding: PackageResources.M0001_accounts_and_messages_sql, as: UTF8.self)),
    Migration(
      number: 2,
      sql: String(decoding: PackageResources.M0002_attachments_and_clearing_sql, as: UTF8.self)),
    Migration(
      number: 3, sql: String(decoding: PackageResources.M0003_search_sql, as: UTF8.self)),
    Migration(
      number: 4, sql: String(decoding: PackageResources.M0004_epochs_sql, as: UTF8.self)),
    Migration(
      number: 5, sql: String(decoding: PackageResources.M0005_lookalikes_sql, as: UTF8.self)),
    Migration(
      number: 6,
      sql: String(decoding: PackageResources.M0006_search_signatures_sql, as: UTF8.self)),
    Migration(
      number: 7,
      sql: String(decoding: PackageResources.M0007_quick_storing_sql, as: UTF8.self)),
    Migration(
      number: 8,
      sql: String(decoding: PackageResources.M0008_administration_sql, as: UTF8.self)),
    Migration(
      number: 9, sql: String(decoding: PackageResources.M0009_nodes_sql, as: UTF8.self)),
  ]

  /// The schema that this program serves from.
  static let newest = migrations.last?.number ?? 0

  /// Why a database cannot be served from. The words are for the operator.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  /// The oldest PostgreSQL whose SQL is used here.
  private static let oldestServer = 15

  /// "martlet" in ASCII: the advisory lock under which one node at a time migrates.
  private static let lock = 0x6d_6172_746c_6574

  /// The schema from which on it can be told who else serves from the database.
  private static let firstWithNodes: Int64 = 9

  let logger: Logger
  private let migrations: [Migration]

  init(logger: Logger, migrations: [Migration] = Self.migrations) {
    self.logger = logger
    self.migrations = migrations
  }

  /// The schema that a database has; 0 for none.
  static func schema(of connection: PostgresConnection) throws(PostgresError) -> Int64 {
    do throws(PostgresError) {
      return try connection.execute(CurrentSchema()).first ?? 0
    } catch {
      guard error.kind == .missingSchema else { throw error }
      return 0
    }
  }

  /// Applies what is missing.
  ///
  /// - Throws: ``Refusal`` when this program cannot serve from this database, ``PostgresError``
  ///   when the database failed.
  func migrate(_ connection: PostgresConnection) throws {
    let server = connection.serverVersion / 10_000
    guard server >= Self.oldestServer else {
      throw Refusal(
        description: "The database is PostgreSQL \(server); martletd needs "
          + "\(Self.oldestServer) or later.")
    }
    let encoding = try connection.execute(ReadFacts()).first?.encoding ?? ""
    guard encoding == "UTF8" else {
      throw Refusal(
        description: "The database has the encoding \(encoding); make one with UTF8.")
    }
    try connection.execute(sql: "SELECT pg_advisory_lock(\(Self.lock))")
    // Given back with the connection, too, should this fail.
    defer { do { try connection.execute(sql: "SELECT pg_advisory_unlock(\(Self.lock))") } catch {} }
    try connection.execute(
      sql: """
        CREATE TABLE IF NOT EXISTS schema_migrations (
          number bigint PRIMARY KEY,
          applied_at timestamptz NOT NULL DEFAULT now()
        )
        """)
    let current = try Self.schema(of: connection)
    let newest = migrations.last?.number ?? 0
    guard current <= newest else {
      throw Refusal(
        description: "The database has schema \(current), made by a newer martletd; this one "
          + "knows up to \(newest). Upgrade martletd.")
    }
    if current < newest, current >= Self.firstWithNodes {
      // They would go on with statements for a schema that is gone.
      let others = try connection.execute(ListLivingNodes())
      guard others.isEmpty else {
        throw Refusal(
          description:
            "\(others.count) other martletd of an earlier version serve from this database; "
            + "stop them first. One that was killed counts for \(NodeLink.silence.components.seconds) s."
        )
      }
    }
    for migration in migrations where migration.number > current {
      try connection.transaction { () throws(PostgresError) in
        try connection.execute(sql: migration.sql)
        _ = try connection.execute(RecordMigration(number: migration.number))
      }
      logger.info("schema migrated", metadata: ["schema": "\(migration.number)"])
    }
  }
}

private struct CurrentSchema: PostgresStatement {
  static let sql = "SELECT coalesce(max(number), 0) FROM schema_migrations"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Int64 { try row.int8() }
}

private struct RecordMigration: PostgresStatement {
  typealias Row = Void
  let number: Int64
  static let sql = "INSERT INTO schema_migrations (number) VALUES ($1)"
  var binds: [PostgresBind] { [.int8(number)] }
}
