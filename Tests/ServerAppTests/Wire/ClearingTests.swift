import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// Clearing as clients see it.
@Suite struct ClearingTests {
  @Test func everyDeviceOfEveryMemberIsTold() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let second = try await server.device(of: "alice")
      try await bob.send("second", to: .conversation(id))
      _ = try await alice.client.settledPushes()
      _ = try await second.client.settledPushes()
      let reply = try await alice.client.call(ClearHistory(conversation: id))
      #expect(reply.sequence == MessageSequence(2))
      let push = ServerPush.cleared(
        ClearedPush(conversation: id, by: alice.id, sequence: MessageSequence(2)))
      #expect(try await bob.client.settledPushes() == [push])
      #expect(try await second.client.settledPushes() == [push])
      #expect(try await alice.client.settledPushes().isEmpty)
      for someone in [alice, bob] {
        #expect(try await someone.history(id).isEmpty)
        let page = try await someone.client.call(
          FetchHistory(target: .conversation(id), anchor: .latest, limit: 9))
        #expect(page.reads.map(\.sequence) == [MessageSequence(2), MessageSequence(2)])
      }
      // The conversation goes on.
      let next = try await bob.send("third", to: .conversation(id))
      #expect(next.sequence == MessageSequence(3))
      #expect(try await alice.history(id).map(\.text) == ["third"])
    }
  }

  @Test func aResendOfWhatIsGoneIsAnsweredAndToldToNobody() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let key = IdempotencyKey.fresh()
      let first = try await alice.send("once", to: .conversation(id), key: key)
      _ = try await bob.client.call(ClearHistory(conversation: id))
      _ = try await bob.client.settledPushes()
      #expect(try await alice.send("once", to: .conversation(id), key: key) == first)
      #expect(try await bob.client.settledPushes().isEmpty)
      #expect(try await alice.history(id).isEmpty)
    }
  }

  @Test func whoWasAwayLearnsOfIt() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      bob.client.socket.send(.close(1000))
      _ = try await bob.client.closeCode()
      _ = try await alice.client.call(ClearHistory(conversation: id))
      let client = try await server.client()
      let cursor = Resume.Cursor(conversation: id, sequence: MessageSequence(1))
      let reply = try await client.call(Resume(token: bob.login.token, cursors: [cursor]))
      #expect(
        reply.behind == [
          ConversationSummary(
            id: id, members: [alice.id, bob.id], lastSequence: MessageSequence(1),
            clearedSequence: MessageSequence(1), readSequence: MessageSequence(1), unread: 0,
            lastMessage: nil)
        ])
    }
  }

  @Test(arguments: [false, true])
  func strangersAndTheUnknownGetTheSameWords(_ exists: Bool) async throws {
    try await TestServer.with { server in
      let (alice, _, id) = try await server.conversation()
      let eve = try await server.someone("eve")
      let error = try await refusal {
        _ = try await eve.client.call(
          ClearHistory(conversation: exists ? id : ConversationID(4711)))
      }
      #expect(error.code == .unknownConversation)
      #expect(try await alice.history(id).map(\.text) == ["first"])
    }
  }

  @Test func nobodySignedInClearsNothing() async throws {
    try await TestServer.with { server in
      let client = try await server.client()
      let error = try await refusal {
        _ = try await client.call(ClearHistory(conversation: ConversationID(1)))
      }
      #expect(error.code == .signInRequired)
    }
  }
}
