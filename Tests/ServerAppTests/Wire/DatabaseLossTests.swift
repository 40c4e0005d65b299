import FoundationEssentials
import Glibc
import MartletProtocol
import ServerCore
import TestSupport
import Testing

@testable import ServerApp

/// A server with a private cluster, and the cluster goes away under it.
@Suite(.serialized) struct DatabaseLossTests {
  @Test func sendsAreRefusedUntilTheDatabaseIsBack() async throws {
    try await withExternalCluster { cluster, server in
      let (alice, bob, id) = try await server.conversation()
      try await cluster.cluster.stop()

      let answer = try await server.readiness(503)
      #expect(answer.headers["content-type"] == "application/json")
      #expect(answer.body.contains("\"reason\":\"the database is away\""))
      let key = IdempotencyKey.fresh()
      let error = try await refusal {
        try await alice.send("lost?", to: .conversation(id), key: key)
      }
      #expect(error.code == .unavailable)
      #expect(error.retryAfter != nil)
      // The process lives, and says so.
      #expect(try await server.request("GET /healthz").status == 200)

      try await cluster.cluster.start()
      try await server.readiness(200)
      let reply = try await eventually("a send to succeed") {
        try? await alice.send("lost?", to: .conversation(id), key: key)
      }
      #expect(reply.sequence == MessageSequence(2))
      #expect(try await bob.history(id).map(\.text) == ["first", "lost?"])
    }
  }

  @Test func nothingAcknowledgedIsLost() async throws {
    try await withExternalCluster { cluster, server in
      let (alice, bob, id) = try await server.conversation()
      // Messages in an unbroken stream, one acknowledged after the other, each until it is.
      let stream = Task {
        var acknowledged: [MessageSequence: String] = [:]
        for number in 1...300 {
          let (text, key) = ("\(number)", IdempotencyKey.fresh())
          let reply = try await eventually("message \(number) to be stored") {
            try? await alice.send(text, to: .conversation(id), key: key)
          }
          acknowledged[reply.sequence] = text
        }
        return acknowledged
      }
      // In the middle of it, the hard way and the orderly one.
      try await waitForMessages(50, seenBy: bob)
      let postmaster = try cluster.postmaster()
      kill(postmaster, SIGKILL)
      try await eventually("the postmaster to die") { kill(postmaster, 0) == 0 ? nil : true }
      try await eventually("the cluster to start again") {
        do {
          try await cluster.cluster.restartIfDead()
          return true
        } catch {
          return nil
        }
      }
      try await waitForMessages(50, seenBy: bob)
      try await cluster.cluster.stop()
      try await cluster.cluster.start()

      let acknowledged = try await stream.value
      let stored = try await bob.history(id).dropFirst()
      #expect(stored.map(\.text) == (1...300).map(String.init))
      for message in stored { #expect(acknowledged[message.sequence] == message.text) }
    }
  }

  private func waitForMessages(_ count: Int, seenBy someone: Someone) async throws {
    for _ in 1...count {
      _ = try await someone.client.push { push -> Bool? in
        if case .message = push { true } else { nil }
      }
    }
  }

  @Test func aServerStartedWithoutItsDatabaseWaitsForIt() async throws {
    let cluster = try await TestCluster.start()
    try await cluster.cluster.stop()
    let server = try TestServer(
      databaseURL: cluster.cluster.connectionString, limits: Limits())
    try await server.start()
    try await server.readiness(503)
    let client = TestClient(try await RawWebSocket.connect(port: await server.port))
    let error = try await refusal { _ = try await client.call(Hello(client: "test")) }
    #expect(error.code == .unavailable)
    try await cluster.cluster.start()
    // It makes the schema, too.
    try await server.readiness(200)
    _ = try await server.someone("alice")
    await server.stop()
    try await cluster.cluster.stop()
  }

  @Test func aDeadPrivateClusterIsStartedAgainAndHasNotOurSocket() async throws {
    try await TestServer.withCluster { server in
      let (alice, _, id) = try await server.conversation()
      let directory = await server.dataDirectory
      let first = try #require(Processes.postmaster(ofClusterIn: directory))
      kill(first, SIGKILL)
      let second = try await eventually("another postmaster") {
        Processes.postmaster(ofClusterIn: directory).flatMap { $0 == first ? nil : $0 }
      }
      try await server.readiness(200)
      let key = IdempotencyKey.fresh()
      try await eventually("a send to succeed") {
        try? await alice.send("after", to: .conversation(id), key: key)
      }
      // Had it inherited the listening socket, nobody could listen there after us.
      let listening = try Processes.socket(listeningOn: await server.port)
      let inherited = try Processes.openFiles(of: second)
      #expect(!inherited.contains(listening))
    }
  }

  @Test func aKilledServersClusterIsTakenOverWhole() async throws {
    let path = try TestDirectory.make()
    // What a killed server leaves: its cluster running, and nobody's claim.
    do {
      let cluster = try await TestCluster.start(in: path)
      try Migrator(logger: .silent).migrate(
        try PostgresConnection(cluster.cluster.connectionString))
    }
    let server = try TestServer(databaseURL: nil, limits: Limits(), dataDirectory: path)
    try await server.start()
    _ = try await server.someone("alice")
    await server.stop()
    #expect(access(path + "/postgres/postmaster.pid", F_OK) != 0)
  }

  /// A server whose database is not its own to start and stop.
  private func withExternalCluster(
    _ body: (TestCluster, TestServer) async throws -> Void
  ) async throws {
    let cluster = try await TestCluster.start()
    let server = try TestServer(databaseURL: cluster.cluster.connectionString, limits: Limits())
    try await server.start()
    do {
      try await body(cluster, server)
      await server.stop()
    } catch {
      await server.stop()
      throw error
    }
    try await cluster.cluster.stop()
  }
}
