/// Asks for the devices on which the user is signed in.
public struct ListSessions: RequestMessage {
  public static let method = "session.list"

  public init() {}

  /// The user's sessions.
  public struct Reply: Codable, Hashable, Sendable {
    /// All of them, the asking one included, the most recently used first.
    public let sessions: [SessionSummary]

    public init(sessions: [SessionSummary]) {
      self.sessions = sessions
    }
  }
}

/// One signed-in device, as its owner sees it.
public struct SessionSummary: Codable, Hashable, Sendable {
  /// The session.
  public let id: SessionID
  /// What the device called itself.
  public let device: String
  /// When it signed in.
  public let createdAt: Timestamp
  /// When it last connected; up to an hour may be missing.
  public let lastUsedAt: Timestamp
  /// Whether it is connected now.
  public let online: Bool
  /// Whether it is the one that asks.
  public let current: Bool

  public init(
    id: SessionID, device: String, createdAt: Timestamp, lastUsedAt: Timestamp, online: Bool,
    current: Bool
  ) {
    self.id = id
    self.device = device
    self.createdAt = createdAt
    self.lastUsedAt = lastUsedAt
    self.online = online
    self.current = current
  }

  private enum CodingKeys: String, CodingKey {
    case id, device, online, current
    case createdAt = "created_at"
    case lastUsedAt = "last_used_at"
  }
}
