import MartletProtocol
import ServerCore
import Synchronization

/// A search store over texts in memory, which folds by lower case only and remembers what it was
/// asked to look at.
final class InMemorySearch: SearchStore {
  struct Contents: Sendable {
    var texts: [ConversationID: [String]] = [:]
    var cleared: [ConversationID: MessageSequence] = [:]
    /// How many blocks are indexed; their grams are made when asked for.
    var blocks: [ConversationID: Int64] = [:]
    var conversations: [SearchableConversation] = []
    /// How many messages each request for matches looked at.
    var looked: [Int] = []
  }

  private let contents = Mutex(Contents())

  func change(_ body: (inout Contents) -> Void) { contents.withLock { body(&$0) } }

  func read<Value: Sendable>(_ body: (Contents) -> Value) -> Value {
    contents.withLock { body($0) }
  }

  func folded(_ texts: [String]) async throws(StoreError) -> [String] {
    texts.map { $0.lowercased() }
  }

  func scope(of conversation: ConversationID) async throws(StoreError) -> SearchScope? {
    read { contents in
      contents.texts[conversation].map { texts in
        SearchScope(
          last: MessageSequence(Int64(texts.count)),
          cleared: contents.cleared[conversation] ?? .none,
          indexed: SearchBlock(number: contents.blocks[conversation] ?? 0))
      }
    }
  }

  func blocks(
    of conversation: ConversationID, with grams: [Gram], before block: SearchBlock, limit: Int
  ) async throws(StoreError) -> [SearchBlock] {
    read { contents in
      let numbers = (0..<min(block.number, contents.blocks[conversation] ?? 0)).reversed()
      let found = numbers.map(SearchBlock.init(number:)).filter { block in
        let texts = block.places.map {
          contents.texts[conversation, default: []][Int($0) - 1].lowercased()
        }
        let signature = SearchSignature(of: texts)
        return !SearchSignature.candidates(
          for: grams, ofBlocks: 1, in: signature.regions(of: grams)
        ).isEmpty
      }
      return Array(found.prefix(limit))
    }
  }

  func matches(
    of query: SearchQuery, in conversation: ConversationID, within stretches: [Range<Int64>]
  ) async throws(StoreError) -> [MessageSequence] {
    change { $0.looked.append(stretches.reduce(0) { $0 + $1.count }) }
    return read { contents in
      stretches.flatMap { stretch in
        stretch.reversed().filter {
          contents.texts[conversation, default: []][Int($0) - 1].lowercased()
            .contains(query.folded)
        }
      }
      .map(MessageSequence.init(_:))
    }
  }

  func messages(
    of conversation: ConversationID, at places: [MessageSequence]
  ) async throws(StoreError) -> [FoldedMessage] {
    read { contents in
      places.map { place in
        let text = contents.texts[conversation, default: []][Int(place.rawValue) - 1]
        return FoldedMessage(
          message: Message(
            conversation: conversation, sequence: place, sender: UserID(1), sentAt: .sample,
            key: .numbered(UInt64(place.rawValue)), text: text),
          folded: text.lowercased())
      }
    }
  }

  func searchable(
    by user: UserID, from position: ActivityPosition?, limit: Int
  ) async throws(StoreError) -> [SearchableConversation] {
    read { contents in
      let start =
        position.flatMap { position in
          contents.conversations.firstIndex { $0.position == position }
        } ?? 0
      return Array(contents.conversations[start...].prefix(limit))
    }
  }
}
