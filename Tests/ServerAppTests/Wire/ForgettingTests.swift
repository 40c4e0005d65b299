import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// What was cleared is in no file of the database but its log.
@Suite(.serialized) struct ForgettingTests {
  @Test func noFileHoldsWhatWasCleared() async throws {
    let cluster = try await TestCluster.start()
    let server = try TestServer(databaseURL: cluster.cluster.connectionString, limits: Limits())
    try await server.start()
    let database = TestDatabase(cluster.cluster.connectionString)
    let (alice, bob, id) = try await server.conversation()
    // Random, so that the database cannot store the long ones compressed.
    let words = Self.words(5)
    let long = Self.word(3000) + words[1] + Self.word(9000)
    let texts = [words[0], long, "会议 \(words[2])"]
    for text in texts { try await alice.send(text, to: .conversation(id)) }
    try database.execute(
      """
      INSERT INTO attachments (owner_id, name, size, media_type)
      VALUES (\(alice.id), '\(words[3]).png', 1, 'image/png');
      UPDATE messages SET attachment_id = (SELECT id FROM attachments) WHERE sequence = 4;
      UPDATE attachments SET size = 2;
      """)
    // Somebody whom it does not concern.
    let carol = try await server.someone("carol")
    try await carol.send("kept \(words[4])", to: .user(alice.id))
    // Everything that reads it, and what the planner wants to know.
    _ = try await bob.history(id)
    _ = try await bob.client.call(ListContacts(limit: 9))
    try database.execute("ANALYZE messages")
    try database.execute("ANALYZE attachments")
    let (gone, kept) = (Set(words[0...3]), Set(words[4...]))
    try database.execute("CHECKPOINT")
    #expect(try FileSearch.found(words, below: cluster.path, except: "pg_wal") == gone.union(kept))

    // A reader of old who could still see it holds the rewriting up.
    let reader = try database.connection()
    try reader.execute(sql: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT")
    _ = try await alice.client.call(ClearHistory(conversation: id))
    try await eventually("the old reader to be waited for") {
      try database.holds(
        """
        EXISTS (SELECT FROM pg_stat_activity
          WHERE pid <> pg_backend_pid() AND query LIKE '%pg_prepared_xacts%')
        """) ? true : nil
    }
    #expect(try !database.holds("NOT EXISTS (SELECT FROM pending_rewrites)"))
    try reader.execute(sql: "COMMIT")
    try await eventually("everything to be written anew") {
      try database.holds("NOT EXISTS (SELECT FROM pending_rewrites)") ? true : nil
    }
    try database.execute("CHECKPOINT")
    #expect(try FileSearch.found(words, below: cluster.path, except: "pg_wal") == kept)
    await server.stop()
    await database.close()
    try await cluster.cluster.stop()
  }

  @Test func whatAnEarlierServerLeftUndoneIsDoneAtTheStart() async throws {
    try await SharedCluster.instance.withDatabase { connectionString in
      let database = TestDatabase(connectionString)
      try database.execute(
        """
        CREATE TABLE before AS
          SELECT oid, relfilenode FROM pg_class WHERE relname IN ('messages_3', 'attachments');
        INSERT INTO pending_rewrites (part, requests)
          VALUES ('messages_3', 7), ('attachments', 1)
        """)
      let server = try TestServer(databaseURL: connectionString, limits: Limits())
      try await server.start()
      try await eventually("everything to be written anew") {
        try database.holds("NOT EXISTS (SELECT FROM pending_rewrites)") ? true : nil
      }
      #expect(
        try database.holds(
          """
          2 = (SELECT count(*) FROM pg_class JOIN before USING (oid)
            WHERE pg_class.relfilenode <> before.relfilenode)
          """))
      try database.execute("DROP TABLE before")
      await server.stop()
      await database.close()
    }
  }

  private static func words(_ count: Int) -> [String] { (0..<count).map { _ in word(32) } }

  private static func word(_ length: Int) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    return String((0..<length).map { _ in letters[Int.random(in: 0..<letters.count)] })
  }
}
