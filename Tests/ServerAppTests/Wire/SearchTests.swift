import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

@Suite struct SearchTests {
  @Test func aMessageIsFoundByAnyPartOfIt() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let sent = try await alice.send("今天的会议改到 Room 302", to: .conversation(id))
      for (query, range) in [("会议", [3, 2]), ("ROOM", [8, 4]), ("今", [0, 1]), ("３０２", [13, 3])] {
        for target in [Target.conversation(id), .user(alice.id)] {
          let reply = try await bob.client.call(
            SearchMessages(target: target, query: query, limit: 10))
          #expect(reply.hits.map(\.message.sequence) == [sent.sequence])
          #expect(reply.hits.map { $0.ranges.map { [$0.start, $0.length] } } == [[range]])
          #expect(reply.count == 1 && reply.exact && reply.next == nil)
        }
      }
    }
  }

  @Test func everyConversationOfOnesOwnIsSearched() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let carol = try await server.someone("carol")
      let other = try await carol.send("find me", to: .user(alice.id)).conversation
      try await carol.send("find me", to: .user(bob.id))
      try await bob.send("find me, too", to: .conversation(id))
      let reply = try await alice.client.call(SearchEverywhere(query: "FIND", limit: 1))
      #expect(Set(reply.groups.map(\.conversation)) == [id, other])
      #expect(reply.next == nil)
    }
  }

  @Test func whatCannotBeSearchedForIsRefused() async throws {
    try await TestServer.with { server in
      let (alice, _, id) = try await server.conversation()
      for query in ["", String(repeating: "长", count: 342), "a\u{0}"] {
        let requests: [any RequestMessage] = [
          SearchMessages(target: .conversation(id), query: query, limit: 1),
          SearchEverywhere(query: query, limit: 1),
        ]
        for request in requests {
          let error = try await refusal { _ = try await alice.client.call(request) }
          #expect(error.code == .invalidQuery)
        }
      }
      let cursor = try await refusal {
        _ = try await alice.client.call(
          SearchMessages(target: .conversation(id), query: "a", after: "' OR 1=1", limit: 1))
      }
      #expect(cursor.code == .invalidParameters)
    }
  }

  @Test func strangersFindNothing() async throws {
    try await TestServer.with { server in
      let id = try await server.conversation().id
      let eve = try await server.someone("eve")
      let error = try await refusal {
        _ = try await eve.client.call(
          SearchMessages(target: .conversation(id), query: "first", limit: 1))
      }
      #expect(error.code == .unknownConversation)
      #expect(try await eve.client.call(SearchEverywhere(query: "first", limit: 1)).groups.isEmpty)
    }
  }

  @Test func hitsFitAFrameHoweverLongTheTexts() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      // Every byte doubles in JSON, and every one is a match.
      let text = String(repeating: "\"", count: 16 * 1024)
      for _ in 1...40 { try await alice.send(text, to: .conversation(id)) }
      var (found, after): ([Int64], String?) = ([], nil)
      repeat {
        let page = try await bob.client.call(
          SearchMessages(target: .conversation(id), query: "\"", after: after, limit: 200))
        found += page.hits.map(\.message.sequence.rawValue)
        after = page.next
      } while after != nil
      #expect(found == (2...41).reversed())
    }
  }

  @Test func whatWasWrittenBeforeARestartIsFoundAfterIt() async throws {
    try await TestServer.with { server in
      let (alice, _, id) = try await server.conversation()
      for start in stride(from: 1, through: 299, by: 50) {
        let sent = await alice.client.begin(
          all: (start..<min(start + 50, 300)).map { number in
            SendMessage(target: .conversation(id), key: .fresh(), text: "note \(number)")
          })
        _ = try await alice.client.answers(to: sent)
      }
      await server.stop()
      try await server.start()
      let again = try await server.device(of: "bob")
      let reply = try await again.client.call(
        SearchMessages(target: .conversation(id), query: "NOTE 7", limit: 200))
      #expect(
        reply.hits.map(\.message.text) == (70...79).reversed().map { "note \($0)" } + ["note 7"])
    }
  }
}
