public import MartletProtocol

/// What the database held at the end.
public struct DatabaseRows: Sendable {
  /// A row of `conversations`, with its members.
  public struct Conversation: Sendable {
    public let last: MessageSequence
    public let cleared: MessageSequence
    public let members: Set<UserID>

    public init(last: MessageSequence, cleared: MessageSequence, members: Set<UserID>) {
      self.last = last
      self.cleared = cleared
      self.members = members
    }
  }

  /// A row of `messages`.
  public struct Stored: Sendable {
    public let place: Place
    public let name: MessageName
    public let digest: TextDigest

    public init(place: Place, name: MessageName, digest: TextDigest) {
      self.place = place
      self.name = name
      self.digest = digest
    }
  }

  /// A row of `message_keys`, which stays when its message is cleared.
  public struct Key: Sendable {
    public let name: MessageName
    public let place: Place

    public init(name: MessageName, place: Place) {
      self.name = name
      self.place = place
    }
  }

  public var conversations: [ConversationID: Conversation] = [:]
  public var messages: [Stored] = []
  public var keys: [Key] = []

  public init() {}
}

/// A message by the name that its sender gave it.
public struct MessageName: Hashable, Sendable, CustomStringConvertible {
  public let sender: UserID
  public let key: IdempotencyKey

  public init(_ sender: UserID, _ key: IdempotencyKey) {
    self.sender = sender
    self.key = key
  }

  public var description: String { "\(key) of user \(sender)" }
}
