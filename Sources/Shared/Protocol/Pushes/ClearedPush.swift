/// The history of a conversation was cleared, for all its members and for good.
public struct ClearedPush: PushMessage {
  public static let method = "cleared"

  /// The conversation.
  public let conversation: ConversationID
  /// Who did it.
  public let by: UserID
  /// Every message up to this one is gone. Those behind it are not; one that arrives late and lies
  /// before it is to be ignored.
  public let sequence: MessageSequence

  public init(conversation: ConversationID, by: UserID, sequence: MessageSequence) {
    self.conversation = conversation
    self.by = by
    self.sequence = sequence
  }
}
