/// Someone registered, with presence and the direct conversation with them.
public struct Contact: Codable, Hashable, Sendable {
  /// Who it is.
  public let user: User
  /// Whether any of their devices is connected and signed in.
  public let online: Bool
  /// When their last device left; `nil` while online and for those never seen.
  public let lastSeen: Timestamp?
  /// The direct conversation with them; `nil` until the first message.
  public let conversation: ConversationSummary?

  public init(
    user: User, online: Bool, lastSeen: Timestamp?, conversation: ConversationSummary?
  ) {
    self.user = user
    self.online = online
    self.lastSeen = lastSeen
    self.conversation = conversation
  }

  private enum CodingKeys: String, CodingKey {
    case user, online, conversation
    case lastSeen = "last_seen"
  }
}
