import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

@Suite struct StopTests {
  @Test func everyConnectionIsToldAndClosed() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let nobody = try await server.client()
      let stranger = TestClient(try await RawWebSocket.connect(port: await server.port))
      async let stop: Void = server.stop()
      var waits: Set<Int> = []
      for client in [alice.client, nobody, stranger] {
        #expect(try await client.closeCode() == .restarting)
        guard case .draining(let push) = try await client.push() else {
          Issue.record("not told")
          continue
        }
        #expect(push.retryAfter >= 1000)
        waits.insert(push.retryAfter)
      }
      #expect(waits.count == 3, "they come back one after the other")
      await stop
    }
  }

  @Test func whatWasBegunIsAnsweredAndWhatWasAnsweredIsStored() async throws {
    try await TestServer.with { server in
      let (alice, _, id) = try await server.conversation()
      let ids = await alice.client.begin(
        all: (1...60).map { number in
          SendMessage(target: .conversation(id), key: .fresh(), text: "\(number)")
        })
      // The first answer says that the server has begun.
      var places: [MessageSequence] = []
      func note(_ frame: TestClient.Frame) throws {
        guard case .reply(let id, let text) = frame, ids.contains(id) else { return }
        places.append(try TestClient.reply(SendMessage.Reply.self, in: text).sequence)
      }
      try note(try await alice.client.frame())
      async let stop: Void = server.stop()
      do {
        while true { try note(try await alice.client.frame()) }
      } catch is Failure {
        // The close frame.
      }
      await stop
      try await server.start()
      let device = try await server.device(of: "alice")
      let stored = try await device.history(id).map(\.sequence)
      #expect(Set(places).isSubset(of: stored))
      // Those that were read were begun; the answers of all of them came before the close.
      #expect(places.count == stored.count - 1)
    }
  }

  @Test func aClientThatDoesNotAnswerDoesNotHoldTheServerUpForEver() async throws {
    try await TestServer.with { server in
      // It reads nothing and says nothing.
      let mute = try await RawConnection.connect(port: await server.port)
      let stuck = try await server.someone("alice")
      try await stuck.client.socket.connection.stopReading()
      await server.stop()
      withExtendedLifetime((mute, stuck)) {}
    }
  }

  @Test func aStoppedServerCanBeStartedInTheSamePlace() async throws {
    try await TestServer.with { server in
      for _ in 1...3 {
        await server.stop()
        try await server.start()
        #expect(try await server.request("GET /healthz").status == 200)
      }
    }
  }

  @Test func aTakenPortLeavesNothingBehind() async throws {
    try await TestServer.with { server in
      var configuration = ServerConfiguration(dataDirectory: try TestDirectory.make())
      configuration.listen = ListenAddress(host: "127.0.0.1", port: await server.port)
      let error = await #expect(throws: OperatorError.self) {
        _ = try await Server.start(configuration, logger: .silent)
      }
      #expect(error?.description.contains("Something else listens") == true)
      // Neither the claim on the directory nor the database in it.
      let directory = try DataDirectory(path: configuration.dataDirectory)
      let cluster = try await PrivateCluster(in: directory.path, logger: .silent)
      #expect(throws: PostgresError.self) { try PostgresConnection(cluster.connectionString) }
    }
  }

  @Test func listeningBeyondThisMachineNeedsTLSOrAWord() async throws {
    try await SharedCluster.instance.withDatabase { connectionString in
      var configuration = ServerConfiguration(dataDirectory: try TestDirectory.make())
      configuration.listen = ListenAddress(host: "0.0.0.0", port: 0)
      configuration.databaseURL = connectionString
      let error = await #expect(throws: OperatorError.self) {
        _ = try await Server.start(configuration, logger: .silent)
      }
      #expect(error?.description.contains("--allow-plaintext") == true)
      configuration.allowsPlaintext = true
      await (try Server.start(configuration, logger: .silent)).stop()
      configuration.allowsPlaintext = false
      configuration.tls = try TestCertificate.server().files
      await (try Server.start(configuration, logger: .silent)).stop()
    }
  }
}
