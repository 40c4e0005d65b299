/// Sends one message. Answered once it is durable.
public struct SendMessage: RequestMessage {
  public static let method = "message.send"

  /// Whom it is for.
  public let target: Target
  /// The sender's own name for it; the same key again is answered as the first time.
  public let key: IdempotencyKey
  /// What it says, as ``MessageText`` allows; it may be empty beside an attachment.
  public let text: String
  /// A file of the sender's that was uploaded before.
  public let attachment: AttachmentID?

  public init(
    target: Target, key: IdempotencyKey, text: String, attachment: AttachmentID? = nil
  ) {
    self.target = target
    self.key = key
    self.text = text
    self.attachment = attachment
  }

  private enum CodingKeys: String, CodingKey {
    case key, text, attachment
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    target = try Target(from: decoder)
    key = try container.decode(IdempotencyKey.self, forKey: .key)
    text = try container.decode(String.self, forKey: .text)
    attachment = try container.decodeIfPresent(AttachmentID.self, forKey: .attachment)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try target.encode(to: encoder)
    try container.encode(key, forKey: .key)
    try container.encode(text, forKey: .text)
    try container.encodeIfPresent(attachment, forKey: .attachment)
  }

  /// Where the message went.
  public struct Reply: Codable, Hashable, Sendable {
    /// The conversation, made by the first message to a user.
    public let conversation: ConversationID
    /// The place it got.
    public let sequence: MessageSequence
    /// When it was stored.
    public let sentAt: Timestamp

    public init(conversation: ConversationID, sequence: MessageSequence, sentAt: Timestamp) {
      self.conversation = conversation
      self.sequence = sequence
      self.sentAt = sentAt
    }

    private enum CodingKeys: String, CodingKey {
      case conversation, sequence
      case sentAt = "sent_at"
    }
  }
}

/// A conversation, named by itself or by the one other member of a direct one; on the wire the
/// field `conversation` or the field `with` beside the request's other fields, never both.
public enum Target: Codable, Hashable, Sendable {
  case conversation(ConversationID)
  case user(UserID)

  private enum CodingKeys: String, CodingKey {
    case conversation, with
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let conversation = try container.decodeIfPresent(ConversationID.self, forKey: .conversation)
    let user = try container.decodeIfPresent(UserID.self, forKey: .with)
    switch (conversation, user) {
    case (let conversation?, nil): self = .conversation(conversation)
    case (nil, let user?): self = .user(user)
    case (nil, nil), (.some, .some):
      throw RPCError(
        .invalidParameters, "Invalid parameters: give either 'conversation' or 'with'.")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .conversation(let conversation):
      try container.encode(conversation, forKey: .conversation)
    case .user(let user): try container.encode(user, forKey: .with)
    }
  }
}
