/// Says that everything up to a message has been read. A mark never moves back.
public struct MarkRead: RequestMessage {
  public static let method = "conversation.mark_read"
  public typealias Reply = Done

  /// The conversation read.
  public let conversation: ConversationID
  /// The last message read; held to the newest there is.
  public let sequence: MessageSequence

  public init(conversation: ConversationID, sequence: MessageSequence) {
    self.conversation = conversation
    self.sequence = sequence
  }
}
