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
    of conversation: ConversationID, with grams: [Gram], before block: SearchBlock, limit: Int
  ) async throws(StoreError) -> [SearchBlock] {
    var (found, before, rows): ([SearchBlock], SearchBlock, Int) = ([], block, 2)
    while found.count < limit {
      let read = ReadSignatures(
        conversation: conversation, grams: grams, before: before, limit: rows)
      let signatures = try await run(read)
      for signature in signatures {
        found += SearchSignature.candidates(
          for: grams, ofBlocks: signature.blocks, in: signature.regions
        )
        .reversed().map { SearchBlock(number: signature.first.number + Int64($0)) }
        .filter { $0 < before }
        before = signature.first
      }
      guard signatures.count == rows else { break }
      // What is common is in the newest ones, and what is not there takes few round trips.
      rows = min(4 * rows, 128)
    }
    return Array(found.prefix(limit))
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
