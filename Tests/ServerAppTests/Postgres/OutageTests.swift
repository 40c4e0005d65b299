import MartletProtocol
import ServerCore
import TestSupport
import Testing

@testable import ServerApp

/// The stores and the writer over a cluster of their own, which is stopped under them.
@Suite struct OutageTests {
  /// Stops the database while something is done, and starts it again.
  private func withOutage(
    _ body: (TestDatabase, _ stop: () async throws -> Void, _ start: () async throws -> Void)
      async throws -> Void
  ) async throws {
    let cluster = try await TestCluster.start()
    let database = TestDatabase(cluster.cluster.connectionString)
    try Migrator(logger: .silent).migrate(try database.connection())
    do {
      try await body(database, cluster.cluster.stop, cluster.cluster.start)
    } catch {
      await database.close()
      throw error
    }
    await database.close()
    try await cluster.cluster.stop()
  }

  @Test func whatIsNotStoredIsRefusedAndCanBeSentAgain() async throws {
    try await withOutage { database, stop, start in
      let (alice, _, conversation) = try await database.pair()
      var texts = ["before"]
      try await database.write("before", by: alice, in: conversation)

      // A message that is inside the database when it goes. Not one that waits for a lock: whose holder
      // goes first lets it through.
      let owner = try database.connection()
      try owner.execute(
        sql: """
          CREATE FUNCTION tarry() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_sleep(600); RETURN NEW; END';
          CREATE TRIGGER tarry BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION tarry()
          """)
      let midway = NewMessage(
        conversation: conversation, sender: alice, key: .fresh(), text: "midway")
      let interrupted = Task { try await database.writer.store(midway) }
      try await database.somebody(waitsFor: "wait_event = 'PgSleep'")
      try await stop()
      await expectUnavailable { _ = try await interrupted.value }
      await expectUnavailable {
        try await database.write("while away", by: alice, in: conversation)
      }
      await expectUnavailable { _ = try await database.store.serverIdentity() }

      try await start()
      try database.connection().execute(sql: "DROP FUNCTION tarry CASCADE")
      // Neither tries to connect again for a moment after a refusal.
      let stored = try await eventually("the writer to recover") {
        try? await database.writer.store(midway)
      }
      texts.append("midway")
      #expect(stored.sequence == MessageSequence(2))
      let page = try await eventually("the stores to recover") {
        try? await database.store.history(
          of: conversation, anchor: .latest, limit: 9, maximumBytes: 1000)
      }
      #expect(page.messages.map(\.text) == texts)
    }
  }

  private func expectUnavailable(_ body: () async throws -> Void) async {
    let error = await #expect(throws: StoreError.self) { try await body() }
    guard case .unavailable = error else {
      Issue.record("not unavailable: \(String(describing: error))")
      return
    }
  }

  @Test func aRestartBetweenTwoMessagesCostsNobodyAnError() async throws {
    try await withOutage { database, stop, start in
      let (alice, _, conversation) = try await database.pair()
      try await database.write("before", by: alice, in: conversation)
      try await stop()
      try await start()
      let after = try await database.write("after", by: alice, in: conversation)
      #expect(after.sequence == MessageSequence(2))
      _ = try await database.store.serverIdentity()
    }
  }
}
