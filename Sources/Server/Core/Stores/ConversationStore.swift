public import MartletProtocol

/// Where conversations, their members and their messages are kept.
public protocol ConversationStore: Sendable {
  /// Everyone registered but the asking user, in ascending order of their numbers.
  ///
  /// Presence is not the store's to know: every entry says offline.
  func contacts(
    of user: UserID, after: UserID, limit: Int
  ) async throws(StoreError) -> [Contact]

  /// Those with whom the user has written, the most recent first; offline like ``contacts(of:after:limit:)``.
  func recentContacts(of user: UserID, limit: Int) async throws(StoreError) -> [Contact]

  /// The conversations whose newest message is not the one named, or that were cleared at the one
  /// named or past it, the most recent first.
  func conversations(
    of user: UserID, notAt cursors: [Resume.Cursor], limit: Int
  ) async throws(StoreError) -> [ConversationSummary]

  /// The direct conversation of two users; `nil` while there is none.
  func directConversation(
    of first: UserID, and second: UserID
  ) async throws(StoreError) -> ConversationID?

  /// The direct conversation of two users, made when there is none; `nil` when one of them is not
  /// registered.
  func openDirectConversation(
    of first: UserID, and second: UserID
  ) async throws(StoreError) -> OpenedConversation?

  /// Everyone in a conversation, in ascending order; `nil` when there is no such conversation.
  func members(of conversation: ConversationID) async throws(StoreError) -> [UserID]?

  /// A stretch of a conversation, its texts together no more than `maximumBytes` of UTF-8 unless
  /// one text alone is.
  func history(
    of conversation: ConversationID, anchor: HistoryAnchor, limit: Int, maximumBytes: Int
  ) async throws(StoreError) -> HistoryPage

  /// Those of some messages that are there, in no order, and the conversations that could not be read, as
  /// somebody has locked them.
  func messages(
    at references: [MessageReference]
  ) async throws(StoreError) -> (found: [Message], locked: Set<ConversationID>)

  /// Moves a member's read mark forward, at most to the newest message. Returns where it is now, or
  /// `nil` when it did not move.
  func markRead(
    _ conversation: ConversationID, by user: UserID, upTo sequence: MessageSequence
  ) async throws(StoreError) -> MessageSequence?

  /// Removes every message of a conversation, and every attachment that was in no other, and makes
  /// everyone have read it all, in one transaction. Returns the place up to which everything is
  /// gone, or `nil` when there is no such conversation. Keys stay used.
  ///
  /// What is left to do after it, ``Cleaner``s find.
  func clear(_ conversation: ConversationID) async throws(StoreError) -> MessageSequence?
}

/// Names a message that has its place.
public struct MessageReference: Codable, Hashable, Sendable {
  public let conversation: ConversationID
  public let sequence: MessageSequence

  public init(conversation: ConversationID, sequence: MessageSequence) {
    self.conversation = conversation
    self.sequence = sequence
  }
}

extension Message {
  /// The message's name.
  public var reference: MessageReference {
    MessageReference(conversation: conversation, sequence: sequence)
  }
}

/// The answer to opening a conversation.
public struct OpenedConversation: Sendable {
  /// The conversation.
  public let id: ConversationID
  /// Whether it has no messages yet, so that its members may not have been told of it: whoever made
  /// it may have failed, or still be at it.
  public let isEmpty: Bool

  public init(id: ConversationID, isEmpty: Bool) {
    self.id = id
    self.isEmpty = isEmpty
  }
}

/// A stretch of a conversation, as ``FetchHistory/Reply`` describes it.
public struct HistoryPage: Sendable {
  /// Ascending and without gaps.
  public let messages: [Message]
  /// Whether more lie beyond.
  public let more: Bool
  /// How far each member has read.
  public let reads: [ReadMark]

  public init(messages: [Message], more: Bool, reads: [ReadMark]) {
    self.messages = messages
    self.more = more
    self.reads = reads
  }
}
