public import MartletProtocol

/// What search asks the database. Texts are folded there and nowhere else.
public protocol SearchStore: Sendable {
  /// Texts normalised for compatibility and case-folded, in the order given.
  func folded(_ texts: [String]) async throws(StoreError) -> [String]

  /// What there is to be searched; `nil` when there is no such conversation.
  func scope(of conversation: ConversationID) async throws(StoreError) -> SearchScope?

  /// The newest blocks before one that may have all the grams, in descending order.
  func blocks(
    of conversation: ConversationID, with grams: [Gram], before block: SearchBlock, limit: Int
  ) async throws(StoreError) -> [SearchBlock]

  /// The places within some stretches whose messages hold a query, in descending order.
  func matches(
    of query: SearchQuery, in conversation: ConversationID, within stretches: [Range<Int64>]
  ) async throws(StoreError) -> [MessageSequence]

  /// Messages by their places, the newest first, without those that have been cleared meanwhile.
  func messages(
    of conversation: ConversationID, at places: [MessageSequence]
  ) async throws(StoreError) -> [FoldedMessage]

  /// A user's conversations that are not empty, those that went on most recently first.
  ///
  /// - Parameter position: where to begin, that conversation included; `nil` for the first.
  func searchable(
    by user: UserID, from position: ActivityPosition?, limit: Int
  ) async throws(StoreError) -> [SearchableConversation]
}

/// A message and its folded text.
public struct FoldedMessage: Sendable {
  public let message: Message
  public let folded: String

  public init(message: Message, folded: String) {
    self.message = message
    self.folded = folded
  }
}

/// A conversation's place among those of a user, by when it went on last.
public struct ActivityPosition: Hashable, Sendable {
  /// When its newest message was stored.
  public let lastSentAt: Timestamp
  public let conversation: ConversationID

  public init(lastSentAt: Timestamp, conversation: ConversationID) {
    self.lastSentAt = lastSentAt
    self.conversation = conversation
  }
}

/// A conversation that one of its members searches.
public struct SearchableConversation: Sendable {
  public let position: ActivityPosition
  /// Everyone in it, in ascending order.
  public let members: [UserID]

  public init(position: ActivityPosition, members: [UserID]) {
    self.position = position
    self.members = members
  }
}
