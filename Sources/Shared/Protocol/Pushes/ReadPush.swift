/// A member, perhaps oneself on another device, has read a conversation further.
public struct ReadPush: PushMessage {
  public static let method = "read"

  /// The conversation.
  public let conversation: ConversationID
  /// The reader.
  public let user: UserID
  /// The last message read.
  public let sequence: MessageSequence

  public init(conversation: ConversationID, user: UserID, sequence: MessageSequence) {
    self.conversation = conversation
    self.user = user
    self.sequence = sequence
  }
}
