public import MartletProtocol

/// Names one run of a server among those that serve from the same database.
public struct NodeID: IntegerIdentifier {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// What one node tells all others, once it is true.
public enum NodeEvent: Codable, Hashable, Sendable {
  /// A message was committed that concerns some users. Its text is read from where it is: a copy would outlive
  /// a clearing.
  case message(MessageReference, users: [UserID])
  /// A push for every device of some users, or of everyone.
  case push(frame: String, users: [UserID]?, isEphemeral: Bool)
  /// The first connection of a session has come.
  case joined(user: User, session: SessionID)
  /// The last connection of a session has gone.
  case left(user: UserID, session: SessionID, at: Timestamp)
  /// A session is over: its connections are told why, and closed.
  case ended(session: SessionID, user: UserID, reason: String)
  /// The connections of a session are to come again.
  case disconnected(session: SessionID, user: UserID)
  /// All sessions that are connected to the node: what was known of it before counts no more.
  case present(sessions: [SignedIn])
  /// The node stops, and has told all that it had to tell.
  case leaving
  /// More has happened than could be told: everybody has to look.
  case overflowed
}

extension NodeEvent {
  /// Whether it says that somebody is connected from now on.
  public var isComing: Bool {
    if case .joined = self { true } else { false }
  }
}

/// The other nodes that serve from the same database.
public protocol Peers: Sendable {
  /// Whether there are any, or may be.
  var arePresent: Bool { get }
  /// Hands over what all of them are to hear, and returns at once. What is told in order is heard in order.
  func tell(_ event: NodeEvent)
}

/// Where a server is alone.
public struct NoPeers: Peers {
  public init() {}
  public var arePresent: Bool { false }
  public func tell(_ event: NodeEvent) {}
}
