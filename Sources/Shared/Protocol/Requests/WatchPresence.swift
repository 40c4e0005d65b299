/// Says whose presence the connection wants to hear of from now on. Until it first does, it hears of
/// everyone's.
public struct WatchPresence: RequestMessage {
  public static let method = "presence.watch"

  /// The most users that one connection can watch.
  public static let maximumUsers = 1000

  /// Those to watch, in the place of those watched before; at most ``maximumUsers``.
  public let users: [UserID]

  public init(users: [UserID]) {
    self.users = users
  }

  /// The presence of those watched, as of the moment from which pushes tell of its changes.
  public struct Reply: Codable, Hashable, Sendable {
    /// One entry for each user that is registered, in the order asked.
    public let presences: [Presence]

    public init(presences: [Presence]) {
      self.presences = presences
    }
  }
}

/// Whether somebody is there.
public struct Presence: Codable, Hashable, Sendable {
  /// Who.
  public let user: UserID
  /// Whether any of their devices is connected and signed in.
  public let online: Bool
  /// When their last device left; `nil` while online and for those never seen.
  public let lastSeen: Timestamp?

  public init(user: UserID, online: Bool, lastSeen: Timestamp?) {
    self.user = user
    self.online = online
    self.lastSeen = lastSeen
  }

  private enum CodingKeys: String, CodingKey {
    case user, online
    case lastSeen = "last_seen"
  }
}
