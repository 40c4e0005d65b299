import TestSupport

@testable import ServerApp

/// The cluster that all tests share which do not stop it, and its databases.
actor SharedCluster {
  static let instance = SharedCluster()

  /// How many tests work with databases at a time: there are connections for so many.
  private var places = 4
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var starting: Task<TestCluster, any Error>?
  private var made = 0
  /// Databases with the schema and nothing in it.
  private var free: [String] = []

  /// Runs a test with a database of its own, with the schema or quite empty.
  nonisolated func withDatabase<Value>(
    isEmpty: Bool = false, _ body: (String) async throws -> Value
  ) async throws -> Value {
    await takePlace()
    do {
      let value = try await inPlace(isEmpty: isEmpty, body)
      await leavePlace()
      return value
    } catch {
      await leavePlace()
      throw error
    }
  }

  private nonisolated func inPlace<Value>(
    isEmpty: Bool, _ body: (String) async throws -> Value
  ) async throws -> Value {
    let name = try await isEmpty ? make(from: "template0") : take()
    do {
      let value = try await body(try await cluster().connectionString(database: name))
      try await isEmpty ? drop(name) : giveBack(name)
      return value
    } catch {
      try await drop(name)
      throw error
    }
  }

  private func takePlace() async {
    guard places == 0 else {
      places -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  private func leavePlace() {
    guard waiting.isEmpty else { return waiting.removeFirst().resume() }
    places += 1
  }

  private func take() async throws -> String {
    if let name = free.popLast() { return name }
    return try await make(from: "migrated")
  }

  private func make(from template: String) async throws -> String {
    let cluster = try await cluster()
    made += 1
    let name = "test_\(made)"
    try PostgresConnection(cluster.cluster.connectionString)
      .execute(sql: "CREATE DATABASE \(name) TEMPLATE \(template)")
    return name
  }

  /// Makes a database as good as new, which is several times quicker than making a new one.
  private func giveBack(_ name: String) async throws {
    let cluster = try await cluster()
    try PostgresConnection(cluster.connectionString(database: name)).execute(
      sql: """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
        DO $$ BEGIN
          EXECUTE (
            SELECT 'TRUNCATE ' || string_agg(oid::regclass::text, ', ') || ' RESTART IDENTITY'
            FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND NOT relispartition AND relname <> 'schema_migrations');
        END $$;
        DELETE FROM schema_migrations WHERE number > \(Migrator.migrations.count);
        INSERT INTO server DEFAULT VALUES;
        """)
    free.append(name)
  }

  private func drop(_ name: String) async throws {
    try PostgresConnection(try await cluster().cluster.connectionString)
      .execute(sql: "DROP DATABASE \(name) WITH (FORCE)")
  }

  private func cluster() async throws -> TestCluster {
    if starting == nil { starting = Task { try await Self.start() } }
    guard let starting else { throw Failure("no cluster") }
    return try await starting.value
  }

  private static func start() async throws -> TestCluster {
    let cluster = try await TestCluster.start()
    let connection = try PostgresConnection(cluster.cluster.connectionString)
    // Nobody crashes this one, and databases are made faster without.
    try connection.execute(sql: "ALTER SYSTEM SET fsync = off")
    try connection.execute(sql: "SELECT pg_reload_conf()")
    try connection.execute(sql: "CREATE DATABASE migrated")
    try Migrator(logger: .silent).migrate(
      try PostgresConnection(cluster.connectionString(database: "migrated")))
    return cluster
  }
}
