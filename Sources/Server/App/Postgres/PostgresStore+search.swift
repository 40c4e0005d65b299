import MartletProtocol
import ServerCore

extension PostgresStore: SearchStore {
  func folded(_ texts: [String]) async throws(StoreError) -> [String] {
    try await run(FoldTexts(texts: texts))
  }

  func scope(of conversation: ConversationID) async throws(StoreError) -> SearchScope? {
    try await run(ReadSearchScope(conversation: conversation)).first
  }

  func blocks(
    of conversation: ConversationID, with grams: [Int32], before block: SearchBlock, limit: Int
  ) async throws(StoreError) -> [SearchBlock] {
    try await run(
      FindBlocks(conversation: conversation, grams: grams, before: block, limit: limit))
  }

  func matches(
    of query: SearchQuery, in conversation: ConversationID, within stretches: [Range<Int64>]
  ) async throws(StoreError) -> [MessageSequence] {
    try await run(FindMatches(conversation: conversation, query: query, stretches: stretches))
  }

  func messages(
    of conversation: ConversationID, at places: [MessageSequence]
  ) async throws(StoreError) -> [FoldedMessage] {
    try await run(ListMessagesAt(conversation: conversation, places: places))
  }

  func searchable(
    by user: UserID, from position: ActivityPosition?, limit: Int
  ) async throws(StoreError) -> [SearchableConversation] {
    try await run(ListSearchableConversations(user: user, position: position, limit: limit))
  }
}
