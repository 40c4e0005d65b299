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
    let words = Self.words(6)
    let long = Self.word(3000) + words[1] + Self.word(9000)
    let texts = [words[0], long, "会议 \(words[2])"]
    for text in texts { try await alice.send(text, to: .conversation(id)) }
    let sound = wavHead(size: 1076) + Array((words[4] + Self.word(1000)).utf8)
    let attachment = try await alice.upload(sound, as: "\(words[3]).wav", on: server)
    try await alice.send(attachment.id, to: .conversation(id))
    // Somebody whom it does not concern.
    let carol = try await server.someone("carol")
    try await carol.send("kept \(words[5])", to: .user(alice.id))
    // Everything that reads it, and what the planner wants to know.
    _ = try await bob.history(id)
    _ = try await bob.client.call(ListContacts(limit: 9))
    try database.execute("ANALYZE messages")
    try database.execute("ANALYZE attachments")
    let (gone, kept) = (Set(words[0...4]), Set(words[5...]))
    try database.execute("CHECKPOINT")
    let places = [cluster.path, await server.dataDirectory]
    let found = { () throws -> Set<String> in
      try places.reduce(into: []) { found, place in
        found.formUnion(try FileSearch.found(words, below: place, except: "pg_wal"))
      }
    }
    #expect(try found() == gone.union(kept))

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
    try await server.keeps([])
    #expect(try found() == kept)
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
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
    return String((0..<length).map { _ in letters[Int.random(in: 0..<letters.count)] })
  }
}
