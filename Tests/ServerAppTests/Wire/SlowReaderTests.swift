import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

@Suite struct SlowReaderTests {
  /// More than the buffers of both systems hold, and the server's own.
  private static let messages = 400

  @Test func whoDoesNotReadIsClosedAndMissesNothing() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let slow = try await server.device(of: "bob", receiveBuffer: 16 * 1024)
      try await slow.client.socket.connection.stopReading()
      let text = String(repeating: "x", count: 16 * 1024)
      for _ in 1...(Self.messages / 50) {
        let ids = await alice.client.begin(
          all: (1...50).map { _ in
            SendMessage(target: .conversation(id), key: .fresh(), text: text)
          })
        #expect(try await alice.client.answers(to: ids).allSatisfy { $0.refusal == nil })
        _ = try await bob.client.settledPushes()
      }
      try await slow.client.socket.connection.resumeReading()
      #expect(try await slow.client.closeCode() == .tooSlow)

      let back = try await server.client()
      let reply = try await back.call(Resume(token: slow.login.token, cursors: []))
      #expect(reply.behind.map(\.lastSequence.rawValue) == [Int64(Self.messages + 1)])
      let resumed = Someone(client: back, login: slow.login)
      let sequences = try await resumed.history(id).map(\.sequence.rawValue)
      #expect(sequences == Array(1...Int64(Self.messages + 1)))
    }
  }

  @Test func oneWhoStaysAwayIsGivenUp() async throws {
    // No close frame gets through to somebody who reads nothing: patience ends it.
    let limits = Limits(pingMilliseconds: 60_000, pongMilliseconds: 50)
    try await TestServer.with(limits: limits) { server in
      let (alice, _, id) = try await server.conversation()
      let slow = try await server.device(of: "bob", receiveBuffer: 16 * 1024)
      try await slow.client.socket.connection.stopReading()
      let text = String(repeating: "x", count: 16 * 1024)
      for _ in 1...(Self.messages / 50) {
        let ids = await alice.client.begin(
          all: (1...50).map { _ in
            SendMessage(target: .conversation(id), key: .fresh(), text: text)
          })
        _ = try await alice.client.answers(to: ids)
      }
      // Writing to a connection that the other side has closed ends it; until then it takes bytes.
      try await eventually("the connection to be gone") {
        slow.client.socket.send(.pong())
        return slow.client.socket.connection.isOpen ? nil : true
      }
    }
  }
}
