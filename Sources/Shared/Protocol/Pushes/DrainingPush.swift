/// The server is about to stop; it closes the connection with 1012 after this.
public struct DrainingPush: PushMessage {
  public static let method = "server.draining"

  /// How long to wait before coming back, in milliseconds.
  public let retryAfter: Int

  public init(retryAfter: Int) {
    self.retryAfter = retryAfter
  }

  private enum CodingKeys: String, CodingKey {
    case retryAfter = "retry_after"
  }
}
