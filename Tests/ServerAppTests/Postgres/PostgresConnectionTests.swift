import ServerCore
import Testing

@testable import ServerApp

@Suite struct PostgresConnectionTests {
  private func kind(_ body: () throws -> Void) -> PostgresError.Kind? {
    do {
      try body()
      return nil
    } catch {
      return (error as? PostgresError)?.kind
    }
  }

  @Test func whatTheOperatorWroteWins() async throws {
    try await TestDatabase.with { database in
      let named = TestDatabase(database.connectionString + " fallback_application_name=mine")
      let (isMine, isUsual) = (
        try named.holds("current_setting('application_name') = 'mine'"),
        try database.holds("current_setting('application_name') = 'martletd'")
      )
      #expect(isMine)
      #expect(isUsual)
      await named.close()
    }
  }

  @Test func errorsAreClassifiedByCode() async throws {
    try await TestDatabase.with { database in
      _ = try await database.user("alice")
      let connection = try database.connection()
      #expect(
        kind {
          try connection.execute(
            sql: "INSERT INTO users (name, password_hash) VALUES ('ALICE', '')")
        } == .uniqueViolation(constraint: "users_folded_name_key"))
      #expect(
        kind { try connection.execute(sql: "INSERT INTO members VALUES (99, 99)") }
          == .foreignKeyViolation)
      for missing in ["* FROM nothing", "nothing()", "nothing FROM users"] {
        #expect(kind { try connection.execute(sql: "SELECT \(missing)") } == .missingSchema)
      }
      #expect(kind { try connection.execute(sql: "SELECT 1/0") } == .other(sqlState: "22012"))
      #expect(kind { try connection.execute(sql: "nonsense") } == .other(sqlState: "42601"))
      #expect(!connection.isBroken)
    }
  }

  @Test func aPlanForASmallTableIsNotKeptForALargeOne() async throws {
    try await SharedCluster.instance.withDatabase(isEmpty: true) { connectionString in
      let connection = try PostgresConnection(connectionString)
      try connection.execute(sql: "CREATE TABLE numbers (number bigint PRIMARY KEY)")
      try connection.execute(sql: "INSERT INTO numbers VALUES (0)")
      try connection.execute(sql: "ANALYZE numbers")
      for _ in 1..<15 { _ = try connection.execute(FindNumber()) }
      #expect(try connection.execute(ExplainFindNumber()).contains { $0.contains("Seq Scan") })
      try connection.execute(sql: "INSERT INTO numbers SELECT generate_series(1, 100000)")
      _ = try connection.execute(FindNumber())
      #expect(try !connection.execute(ExplainFindNumber()).contains { $0.contains("Seq Scan") })
    }
  }

  @Test func anEndedConnectionIsBroken() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connection()
      #expect(
        kind { try connection.execute(sql: "SELECT pg_terminate_backend(pg_backend_pid())") }
          == .connection)
      #expect(connection.isBroken)
    }
  }

  @Test(arguments: [
    "host=/nowhere", "host=127.0.0.1 port=1", "nonsense", "host=127.0.0.1 nonsense=1",
  ])
  func whatCannotBeReachedIsNoConnection(_ connectionString: String) {
    #expect(kind { _ = try PostgresConnection(connectionString) } == .connection)
  }

  @Test func aFailedTransactionLeavesNothing() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connection()
      _ = kind {
        try connection.transaction { () throws(PostgresError) in
          try connection.execute(sql: "INSERT INTO users (name, password_hash) VALUES ('a', '')")
          try connection.execute(sql: "SELECT 1/0")
        }
      }
      #expect(try database.holds("(SELECT count(*) FROM users) = 0"))
      try connection.execute(sql: "SELECT 1")
    }
  }
}

private struct FindNumber: PostgresStatement {
  typealias Row = Void
  static let sql = "SELECT FROM numbers JOIN unnest($1::bigint[]) AS input (number) USING (number)"
  var binds: [PostgresBind] { [.int8Array([7])] }
}

private struct ExplainFindNumber: PostgresStatement {
  static let sql = "EXPLAIN EXECUTE \"FindNumber\"('{7}')"
  var binds: [PostgresBind] { [] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}
