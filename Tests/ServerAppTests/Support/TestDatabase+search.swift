import MartletProtocol
import ServerCore
import TestSupport

@testable import ServerApp

extension TestDatabase {
  /// Use cases over this database.
  func chat() -> Chat {
    Chat(
      Chat.Dependencies(
        accounts: store, sessions: store, conversations: store, search: store, attachments: store,
        identity: store, audit: store,
        writer: writer, passwords: PasswordHasher(rounds: 1), tokens: TokenMint(), now: { .now },
        uptime: { .now },
        limits: Limits(), software: "test", logger: .silent))
  }

  func signedIn(_ user: UserID) -> SignedIn {
    SignedIn(user: User(id: user, name: "somebody"), session: SessionID(1))
  }

  /// Runs an indexer until a conversation has so many blocks.
  func index(_ conversation: ConversationID, blocks: Int64) async throws {
    let indexer = SearchIndexer(connectionString: connectionString, logger: .silent)
    indexer.wake()
    try await indexed(conversation, blocks: blocks)
    await indexer.close()
  }

  /// Waits until a conversation has so many blocks.
  func indexed(_ conversation: ConversationID, blocks: Int64) async throws {
    try await eventually("\(blocks) blocks") {
      try await store.scope(of: conversation)?.indexed.number == blocks ? true : nil
    }
  }

  /// Every hit of a query, page by page.
  func hits(
    _ query: String, in conversation: ConversationID, by user: UserID, limit: Int = 7
  ) async throws -> [SearchHit] {
    let chat = chat()
    var (hits, after): ([SearchHit], String?) = ([], nil)
    repeat {
      let page = try await chat.search(
        SearchMessages(
          target: .conversation(conversation), query: query, after: after, limit: limit),
        as: signedIn(user))
      hits += page.hits
      after = page.next
    } while after != nil
    return hits
  }
}
