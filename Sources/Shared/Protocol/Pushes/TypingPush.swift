/// Another member is writing. It says nothing of when they stop: show it for about six seconds.
public struct TypingPush: PushMessage {
  public static let method = "typing"

  /// The conversation.
  public let conversation: ConversationID
  /// Who is writing.
  public let user: UserID

  public init(conversation: ConversationID, user: UserID) {
    self.conversation = conversation
    self.user = user
  }
}
