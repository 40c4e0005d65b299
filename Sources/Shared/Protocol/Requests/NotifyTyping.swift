/// Says that the user is writing; best sent as a notification, at most every three seconds.
public struct NotifyTyping: RequestMessage {
  public static let method = "typing"
  public typealias Reply = Done

  /// The conversation being written to.
  public let conversation: ConversationID

  public init(conversation: ConversationID) {
    self.conversation = conversation
  }
}
