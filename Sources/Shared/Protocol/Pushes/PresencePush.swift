/// Somebody came or went, or registered. Several devices of one person are one presence.
public struct PresencePush: PushMessage {
  public static let method = "presence"

  /// Who; perhaps somebody the client does not know yet.
  public let user: User
  /// Whether any of their devices is connected and signed in.
  public let online: Bool
  /// When their last device left; `nil` while online and for those never seen.
  public let lastSeen: Timestamp?

  public init(user: User, online: Bool, lastSeen: Timestamp?) {
    self.user = user
    self.online = online
    self.lastSeen = lastSeen
  }

  private enum CodingKeys: String, CodingKey {
    case user, online
    case lastSeen = "last_seen"
  }
}
