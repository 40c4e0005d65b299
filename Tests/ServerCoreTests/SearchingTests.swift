import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct SearchingTests {
  private let test = TestChat(limits: Limits(queryBytes: 12, pageEntries: 3))
  private let conversation = ConversationID(5)

  private func alice(_ texts: [String], blocks: Int64) async throws -> SignedIn {
    let alice = try await test.signedIn("alice")
    test.store.change { $0.members[conversation] = [alice.user.id, UserID(9)] }
    test.search.change {
      $0.texts[conversation] = texts
      $0.blocks[conversation] = blocks
    }
    return alice
  }

  private func pages(
    _ query: String, limit: Int, as signedIn: SignedIn
  ) async throws -> [SearchMessages.Reply] {
    var pages: [SearchMessages.Reply] = []
    repeat {
      pages.append(
        try await test.chat.search(
          SearchMessages(
            target: .conversation(conversation), query: query, after: pages.last?.next,
            limit: limit),
          as: signedIn))
    } while pages.last?.next != nil
    return pages
  }

  @Test(arguments: [Int64(0), 17, 39]) func pagesHaveEveryHitOnce(_ blocks: Int64) async throws {
    let texts = (1...5000).map { $0 % 700 == 0 ? "The Needle \($0)" : "hay \($0)" }
    let alice = try await alice(texts, blocks: blocks)
    let pages = try await pages("needle", limit: 2, as: alice)
    #expect(
      pages.flatMap(\.hits).map(\.message.sequence.rawValue)
        == stride(from: 4900, to: 0, by: -700).map(Int64.init))
    #expect(pages.flatMap(\.hits).allSatisfy { $0.ranges == [TextRange(start: 4, length: 6)] })
    #expect(pages.last?.exact == true)
    let most = test.search.read { $0.looked.max() }
    #expect(try #require(most) <= Chat.searchBudget + 128)
  }

  @Test func aFullPageStillCounts() async throws {
    let alice = try await alice((1...500).map { "x \($0)" }, blocks: 3)
    let first = try #require(try await pages("X", limit: 99, as: alice).first)
    #expect(first.hits.count == 3)
    #expect(first.count == 500)
    #expect(first.exact)
    #expect(first.next == "498")
  }

  @Test(arguments: ["", "0123456789012", "a\u{0}"]) func badQueriesAreRefused(
    _ query: String
  ) async throws {
    let alice = try await alice([], blocks: 0)
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.search(
        SearchMessages(target: .conversation(conversation), query: query, limit: 1), as: alice)
    }
    #expect(error?.code == .invalidQuery)
    let everywhere = await #expect(throws: RPCError.self) {
      try await test.chat.search(SearchEverywhere(query: query, limit: 1), as: alice)
    }
    #expect(everywhere?.code == .invalidQuery)
  }

  @Test(arguments: ["x", "-1", "0", "1.2", "99999999999999999999"])
  func aCursorThatNoPageGaveIsRefused(_ cursor: String) async throws {
    let alice = try await alice([], blocks: 0)
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.search(
        SearchMessages(
          target: .conversation(conversation), query: "q", after: cursor, limit: 1), as: alice)
    }
    #expect(error?.code == .invalidParameters)
    let everywhere = await #expect(throws: RPCError.self) {
      try await test.chat.search(
        SearchEverywhere(query: "q", after: cursor, limit: 1), as: alice)
    }
    #expect(everywhere?.code == .invalidParameters)
  }

  @Test func everyConversationIsSearchedWithinBounds() async throws {
    let alice = try await test.signedIn("alice")
    // 30 conversations, and one among them too long to be looked through at once.
    test.search.change { contents in
      for number in Int64(1)...30 {
        let id = ConversationID(number)
        contents.texts[id] =
          number == 7
          ? ["hit"] + [String](repeating: "no", count: 5000) : ["hit \(number)", "no", "hit"]
        contents.conversations.append(
          SearchableConversation(
            position: ActivityPosition(lastSentAt: .sample, conversation: id),
            members: [alice.user.id]))
      }
    }
    var (found, after): ([Int64], String?) = ([], nil)
    repeat {
      let reply = try await test.chat.search(
        SearchEverywhere(query: "HIT", after: after, limit: 1), as: alice)
      #expect(reply.groups.allSatisfy { $0.hits.count == 1 })
      found += reply.groups.map(\.conversation.rawValue)
      after = reply.next
    } while after != nil
    #expect(found == Array(1...30))
  }

  @Test func strangersFindNothing() async throws {
    _ = try await alice(["secret"], blocks: 0)
    let eve = try await test.signedIn("eve")
    let error = await #expect(throws: RPCError.self) {
      try await test.chat.search(
        SearchMessages(target: .conversation(conversation), query: "secret", limit: 1), as: eve)
    }
    #expect(error?.code == .unknownConversation)
    let nobody = try await test.chat.search(
      SearchMessages(target: .user(UserID(77)), query: "secret", limit: 1), as: eve)
    #expect(nobody == SearchMessages.Reply(hits: [], count: 0, exact: true, next: nil))
  }
}
