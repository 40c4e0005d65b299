/// A conversation came into being. Sent to every device of every member, before its first message.
public struct ConversationPush: PushMessage {
  public static let method = "conversation"

  /// The conversation.
  public let conversation: ConversationID
  /// Everyone in it, in ascending order.
  public let members: [UserID]

  public init(conversation: ConversationID, members: [UserID]) {
    self.conversation = conversation
    self.members = members
  }
}
