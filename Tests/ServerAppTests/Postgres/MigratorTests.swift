import MartletProtocol
import ServerCore
import Testing

@testable import ServerApp

@Suite struct MigratorTests {
  private let migrator = Migrator(logger: .silent)

  @Test func migratingAgainChangesNothing() async throws {
    try await SharedCluster.instance.withDatabase(isEmpty: true) { connectionString in
      let connection = try PostgresConnection(connectionString)
      try migrator.migrate(connection)
      let database = TestDatabase(connectionString)
      let identity = try await database.store.serverIdentity()
      try migrator.migrate(connection)
      #expect(try await database.store.serverIdentity() == identity)
      #expect(
        try database.holds(
          "(SELECT count(*) FROM schema_migrations) = \(Migrator.migrations.count)"))
      await database.close()
    }
  }

  @Test func aSchemaOfTheFutureIsRefusedInClearWords() async throws {
    try await TestDatabase.with { database in
      try database.execute("INSERT INTO schema_migrations (number) VALUES (4711)")
      let connection = try database.connection()
      let refusal = #expect(throws: Migrator.Refusal.self) { try migrator.migrate(connection) }
      #expect(refusal?.description.contains("schema 4711") == true)
      #expect(refusal?.description.contains("Upgrade martletd") == true)
    }
  }

  @Test func nothingIsMigratedUnderAServerOfAnEarlierVersion() async throws {
    try await TestDatabase.with { database in
      let connection = try database.connection()
      let next = Migrator(
        logger: .silent,
        migrations: Migrator.migrations + [
          Migrator.Migration(number: Migrator.newest + 1, sql: "CREATE TABLE later ()")
        ])
      let node = try #require(try connection.execute(AddNode(name: "old")).first)
      #expect(try connection.execute(ListLivingNodes()) == [node.id])
      let refusal = #expect(throws: Migrator.Refusal.self) { try next.migrate(connection) }
      #expect(refusal?.description.contains("1 other martletd of an earlier version") == true)
      #expect(try database.holds("to_regclass('later') IS NULL"))
      // One that serves from this schema may go on.
      try migrator.migrate(connection)
      _ = try connection.execute(RemoveNode(node: node))
      try next.migrate(connection)
      #expect(try database.holds("to_regclass('later') IS NOT NULL"))
      try database.execute("DROP TABLE later")
    }
  }

  /// The steps are transactions of their own: between two of them nothing is served.
  @Test func aDatabaseIsReadyAfterTheLastStepOnly() async throws {
    try await SharedCluster.instance.withDatabase(isEmpty: true) { connectionString in
      let database = TestDatabase(connectionString)
      try migrator.migrate(try database.connection())
      #expect(try await database.store.hasSchema())
      try database.execute(
        "DELETE FROM schema_migrations WHERE number = \(Migrator.migrations.count)")
      #expect(try await !database.store.hasSchema())
      await database.close()
    }
  }

  @Test func manyAtOnceMigrateOnce() async throws {
    try await SharedCluster.instance.withDatabase(isEmpty: true) { connectionString in
      try await withThrowingTaskGroup { group in
        for _ in 1...4 {
          group.addTask { try migrator.migrate(try PostgresConnection(connectionString)) }
        }
        try await group.waitForAll()
      }
      let database = TestDatabase(connectionString)
      #expect(try database.holds("(SELECT count(*) FROM server) = 1"))
      await database.close()
    }
  }

  @Test func aRefusedMigratorGivesItsLockBack() async throws {
    try await TestDatabase.with { database in
      try database.execute("INSERT INTO schema_migrations (number) VALUES (4711)")
      let first = try database.connection()
      #expect(throws: Migrator.Refusal.self) { try migrator.migrate(first) }
      try database.execute("DELETE FROM schema_migrations WHERE number = 4711")
      // Would wait for ever on a lock that the first connection still holds.
      try migrator.migrate(try database.connection())
      #expect(!first.isBroken)
    }
  }

  @Test func aDatabaseWithoutTheSchemaIsUnavailableForNow() async throws {
    try await SharedCluster.instance.withDatabase(isEmpty: true) { connectionString in
      let database = TestDatabase(connectionString)
      let errors = [
        await #expect(throws: StoreError.self) { try await database.store.serverIdentity() },
        await #expect(throws: StoreError.self) {
          try await database.store.credentials(ofName: "alice")
        },
        await #expect(throws: StoreError.self) {
          try await database.write("hi", by: UserID(1), in: ConversationID(1))
        },
      ]
      for error in errors {
        guard case .unavailable = error else {
          Issue.record("not unavailable: \(String(describing: error))")
          continue
        }
      }
      await database.close()
    }
  }
}
