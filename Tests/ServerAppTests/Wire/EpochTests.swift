import FoundationEssentials
import Glibc
import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// The database is put back to an earlier state.
@Suite struct EpochTests {
  @Test func aRestartIsNoRestore() async throws {
    try await TestServer.with { server in
      let before = try await server.greeting()
      await server.stop()
      try await server.start()
      #expect(try await server.greeting() == before)
      #expect(before.epoch == 1)
    }
  }

  @Test func aDumpRestoredElsewhereBeginsAnEpoch() async throws {
    try await SharedCluster.instance.withDatabase { original in
      let (alice, dump, before) = try await TestServer(databaseURL: original, limits: Limits())
        .during { server in
          let alice = try await server.someone("alice")
          return (alice, try await Self.dump(original), try await server.greeting())
        }
      try await SharedCluster.instance.withDatabase(isEmpty: true) { copy in
        try await Self.restore(dump, to: copy)
        try await TestServer(databaseURL: copy, limits: Limits()).during { server in
          let after = try await server.greeting()
          #expect(after.id == before.id && after.epoch > before.epoch)
          // A number that was given after the dump may be known to somebody: it is not given again.
          let bob = try await server.someone("bob")
          #expect(bob.id.rawValue >= after.epoch && alice.id.rawValue == 1)
        }
      }
    }
  }

  @Test func dataRestoredInPlaceBeginsAnEpochAndEachTimeAnother() async throws {
    try await SharedCluster.instance.withDatabase { database in
      try await TestServer(databaseURL: database, limits: Limits()).during { _ in }
      let dump = try await Self.dump(database, "--data-only", "--disable-triggers")
      let empty = "TRUNCATE server, schema_migrations"
      var seen: Set<Int64> = [1]
      for _ in 1...2 {
        try PostgresConnection(database).execute(sql: empty)
        try await Self.restore(dump, to: database)
        let epoch = try await TestServer(databaseURL: database, limits: Limits()).during { server in
          try await server.greeting().epoch
        }
        #expect(seen.insert(epoch).inserted)
      }
    }
  }

  @Test func aDirectoryPutBackBeginsAnEpoch() async throws {
    let server = try TestServer(databaseURL: nil, limits: Limits())
    try await server.start()
    _ = try await server.someone("alice")
    await server.stop()
    let data = await server.dataDirectory
    try Self.run("cp -a '\(data)' '\(data).backup'")
    try await server.start()
    _ = try await server.someone("bob")
    let before = try await server.greeting()
    await server.stop()
    try Self.run("mv '\(data)' '\(data).old' && cp -a '\(data).backup' '\(data)'")
    try await server.start()
    #expect(try await server.greeting().epoch > before.epoch)
    await server.stop()
    // By its operator's word, too.
    let raised = try await NewEpoch.begin(
      dataDirectory: data, databaseURL: nil, logger: .silent)
    try await server.start()
    #expect(try await server.greeting().epoch == raised)
    await server.stop()
  }

  @Test func aServerThatRunsHasItsClientsBeginAgain() async throws {
    try await SharedCluster.instance.withDatabase { database in
      try await TestServer(databaseURL: database, limits: Limits()).during { server in
        let (alice, _, id) = try await server.conversation()
        let before = try await server.greeting()
        let dump = try await Self.dump(database, "--data-only", "--disable-triggers")
        try await alice.send("lost", to: .conversation(id))
        let tables = try await Self.tables(of: dump)
        try await Self.restore("TRUNCATE \(tables) CASCADE;\n\(dump)", to: database)
        // Looked at every two seconds.
        #expect(try await alice.client.closeCode() == .restarting)
        let after = try await server.greeting()
        #expect(after.id == before.id && after.epoch > before.epoch)
        let again = try await server.device(of: "alice")
        #expect(try await again.history(id).map(\.text) == ["first"])
        #expect(
          try await again.send("next", to: .conversation(id)).sequence == MessageSequence(2))
        let raised = try await NewEpoch.begin(
          dataDirectory: "", databaseURL: database, logger: .silent)
        #expect(try await again.client.closeCode() == .restarting)
        #expect(try await server.greeting().epoch == raised)
      }
    }
  }

  @Test func aClientThatClaimsMoreThanThereIsMovesNobody() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let before = try await server.greeting()
      let liar = try await server.client()
      let cursors = [Resume.Cursor(conversation: id, sequence: MessageSequence(.max))]
      let reply = try await liar.call(Resume(token: bob.login.token, cursors: cursors))
      // It is told where the conversation is, and so that it has to begin again.
      #expect(reply.behind.map(\.lastSequence) == [MessageSequence(1)])
      #expect(try await server.greeting() == before)
      _ = try await alice.send("still here", to: .conversation(id))
    }
  }

  // MARK: Dumps

  private static func dump(_ database: String, _ options: String...) async throws -> String {
    try await program("pg_dump", options + ["-d", database])
  }

  /// In one transaction, as a server may be looking on.
  private static func restore(_ dump: String, to database: String) async throws {
    let path = try TestDirectory.make("dump.sql")
    try dump.write(toFile: path, atomically: false, encoding: .utf8)
    try await program("psql", ["-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", path])
  }

  private static func tables(of dump: String) async throws -> String {
    Set(
      dump.split(separator: "\n").filter { $0.hasPrefix("COPY ") }
        .map { String($0.split(separator: " ")[1]) }
    ).sorted().joined(separator: ", ")
  }

  @discardableResult
  private static func program(_ name: String, _ arguments: [String]) async throws -> String {
    let outcome = try await PostgresPrograms.find(version: nil).run(name, arguments)
    guard outcome.isSuccess else { throw Failure("\(name): \(outcome.output)") }
    return outcome.output
  }

  private static func run(_ command: String) throws {
    let status = command.withCString { system($0) }
    guard status == 0 else { throw Failure("\(command): \(status)") }
  }
}

/// What a hello says of the database.
private struct Identity: Equatable {
  let id: String
  let epoch: Int64
}

extension TestServer {
  fileprivate func greeting() async throws -> Identity {
    let reply = try await TestClient(try await RawWebSocket.connect(port: port))
      .call(Hello(client: "test"))
    return Identity(id: reply.serverID, epoch: reply.epoch)
  }

  fileprivate nonisolated func during<Value: Sendable>(
    _ body: (TestServer) async throws -> Value
  ) async throws -> Value {
    try await start()
    do {
      let value = try await body(self)
      await stop()
      return value
    } catch {
      await stop()
      throw error
    }
  }
}
