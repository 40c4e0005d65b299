public import MartletProtocol

/// One thing that a client has done or learnt, as it stands on disk before it counts.
public enum JournalEntry: Hashable, Sendable {
  /// A process of the client began. It has at most so many messages on their way to one target: with
  /// one, it waits for each message's answer before it sends the next.
  case started(window: Int)
  /// Somebody signed in; the token is for the processes to come.
  case signedIn(UserID, token: String)
  /// A message is to be sent. From here on it must not be forgotten.
  case intent(IdempotencyKey, Target, text: String)
  /// The server has answered that the message is stored at a place.
  case acknowledged(IdempotencyKey, Place)
  /// The server has refused the message for good, and its sender was told.
  case failed(IdempotencyKey, ErrorCode)
  /// A message was handed to the application.
  case received(Receipt)
  /// A history is to be cleared.
  case clearing(ConversationID)
  /// Everything up to a place is known to be cleared.
  case cleared(Place, Source)
  /// The client gave up, and would not have come back by itself.
  case stopped(String)

  /// A message as it was received.
  public struct Receipt: Hashable, Sendable {
    public let place: Place
    public let sender: UserID
    public let key: IdempotencyKey
    public let digest: TextDigest
    public let source: Source

    public init(
      place: Place, sender: UserID, key: IdempotencyKey, digest: TextDigest, source: Source
    ) {
      self.place = place
      self.sender = sender
      self.key = key
      self.digest = digest
      self.source = source
    }
  }

  /// How a client came to know something.
  public enum Source: String, Sendable {
    case push, history, reply, resume
  }
}

/// A message's place: its conversation and its sequence there.
public struct Place: Hashable, Sendable, CustomStringConvertible {
  public let conversation: ConversationID
  public let sequence: MessageSequence

  public init(_ conversation: ConversationID, _ sequence: MessageSequence) {
    self.conversation = conversation
    self.sequence = sequence
  }

  public var description: String { "\(conversation):\(sequence)" }
}
