public import MartletProtocol

/// What makes messages durable, those of a conversation in the order they were submitted.
public protocol MessageWriter: Sendable {
  /// Hands a message over and returns at once. `completion` is called once, on any thread, after
  /// the message was committed or refused; those of a conversation come in the order of submission,
  /// but for ``StoreError/overloaded``, which comes at once.
  ///
  /// A key that its sender has used before completes with the place the first one got. A message with
  /// an attachment that is not whole, or not its sender's, completes with ``StoreError/missing``.
  func submit(
    _ message: NewMessage,
    completion: @escaping @Sendable (Result<StoredMessage, StoreError>) -> Void)
}

/// A message on its way to the database. The sender was found to be a member of the conversation.
public struct NewMessage: Sendable {
  /// Where it goes.
  public let conversation: ConversationID
  /// Who wrote it.
  public let sender: UserID
  /// The sender's name for it.
  public let key: IdempotencyKey
  /// What it says, normalised.
  public let text: String
  /// The file it is to carry, if any.
  public let attachment: AttachmentID?

  public init(
    conversation: ConversationID, sender: UserID, key: IdempotencyKey, text: String,
    attachment: AttachmentID? = nil
  ) {
    self.conversation = conversation
    self.sender = sender
    self.key = key
    self.text = text
    self.attachment = attachment
  }
}

/// The place that a message has got.
public struct StoredMessage: Hashable, Sendable {
  public let conversation: ConversationID
  public let sequence: MessageSequence
  public let sentAt: Timestamp
  /// The message as it is stored; `nil` when it has been cleared meanwhile.
  public let message: Message?

  public init(
    conversation: ConversationID, sequence: MessageSequence, sentAt: Timestamp, message: Message?
  ) {
    self.conversation = conversation
    self.sequence = sequence
    self.sentAt = sentAt
    self.message = message
  }

  /// A message that is there.
  public init(_ message: Message) {
    self.init(
      conversation: message.conversation, sequence: message.sequence, sentAt: message.sentAt,
      message: message)
  }
}
