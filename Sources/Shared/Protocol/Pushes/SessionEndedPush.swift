/// The session is over and its token void; the server closes the connection with 4001 after this.
public struct SessionEndedPush: PushMessage {
  public static let method = "session.ended"

  /// Why, in words for people.
  public let reason: String

  public init(reason: String) {
    self.reason = reason
  }
}
