/// A message was stored in a conversation of the receiver's. The connection that sent it gets the
/// reply instead; the sender's other devices get this.
public struct MessagePush: PushMessage {
  public static let method = "message"

  /// The message.
  public let message: Message

  public init(message: Message) {
    self.message = message
  }
}
