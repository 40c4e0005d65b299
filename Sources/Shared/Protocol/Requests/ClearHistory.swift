/// Removes every message and file of a conversation, for all its members and for good.
public struct ClearHistory: RequestMessage {
  public static let method = "conversation.clear"

  /// The conversation.
  public let conversation: ConversationID

  public init(conversation: ConversationID) {
    self.conversation = conversation
  }

  /// What is gone.
  public struct Reply: Codable, Hashable, Sendable {
    /// Every message up to this one. Places go on behind it: none is given twice.
    public let sequence: MessageSequence

    public init(sequence: MessageSequence) {
      self.sequence = sequence
    }
  }
}
