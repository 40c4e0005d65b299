public import MartletProtocol

/// What makes messages durable, in the order they were submitted.
public protocol MessageWriter: Sendable {
  /// Hands a message over and returns at once. `completion` is called once, on any thread, after
  /// the message was committed or refused; completions come in the order of submission, but for
  /// ``StoreError/overloaded``, which comes at once.
  ///
  /// A key that its sender has used before completes with the place the first one got.
  func submit(
    _ message: NewMessage,
    completion: @escaping @Sendable (Result<Message, StoreError>) -> Void)
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

  public init(conversation: ConversationID, sender: UserID, key: IdempotencyKey, text: String) {
    self.conversation = conversation
    self.sender = sender
    self.key = key
    self.text = text
  }
}
