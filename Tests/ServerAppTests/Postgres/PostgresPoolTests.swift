import ServerCore
import TestSupport
import Testing

@testable import ServerApp

@Suite struct PostgresPoolTests {
  @Test func lostConnectionsCostNobodyAnError() async throws {
    try await TestDatabase.with { database in
      for _ in 1...3 {
        try await withThrowingTaskGroup { group in
          for _ in 1...8 { group.addTask { _ = try await database.store.serverIdentity() } }
          try await group.waitForAll()
        }
        try database.execute(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
          """)
      }
      _ = try await database.store.serverIdentity()
    }
  }

  @Test func moreThanMayWaitIsRefused() async throws {
    try await TestDatabase.with { database in
      let pool = PostgresPool(
        connectionString: database.connectionString, size: 1, maximumWaiting: 1,
        logger: .silent)
      let lock = try database.connection()
      try lock.execute(sql: "SELECT pg_advisory_lock(1)")
      let first = Task {
        try await pool.run { connection throws(PostgresError) in
          try connection.execute(sql: "SELECT pg_advisory_lock(1)")
        }
      }
      try await database.somebodyWaitsForALock()
      let error = await #expect(throws: StoreError.self) {
        try await pool.run { connection throws(PostgresError) in }
      }
      guard case .overloaded = error else {
        Issue.record("not overloaded: \(String(describing: error))")
        return
      }
      try lock.execute(sql: "SELECT pg_advisory_unlock(1)")
      try await first.value
      try await pool.run { connection throws(PostgresError) in }
      await pool.close()
    }
  }

  @Test func aClosedPoolIsUnavailable() async throws {
    try await TestDatabase.with { database in
      await database.store.pool.close()
      let error = await #expect(throws: StoreError.self) {
        try await database.store.serverIdentity()
      }
      guard case .unavailable = error else {
        Issue.record("not unavailable: \(String(describing: error))")
        return
      }
    }
  }
}
