/// One stored message. (conversation, sequence) names it.
public struct Message: Codable, Hashable, Sendable {
  /// The conversation it belongs to.
  public let conversation: ConversationID
  /// Its place in the conversation.
  public let sequence: MessageSequence
  /// Who wrote it.
  public let sender: UserID
  /// When the server stored it.
  public let sentAt: Timestamp
  /// The name its sender gave it, by which the sender's own devices know it for theirs.
  public let key: IdempotencyKey
  /// What it says, as ``MessageText`` allows; it may be empty beside an attachment.
  public let text: String
  /// The file it carries, if any.
  public let attachment: Attachment?

  public init(
    conversation: ConversationID, sequence: MessageSequence, sender: UserID, sentAt: Timestamp,
    key: IdempotencyKey, text: String, attachment: Attachment? = nil
  ) {
    self.conversation = conversation
    self.sequence = sequence
    self.sender = sender
    self.sentAt = sentAt
    self.key = key
    self.text = text
    self.attachment = attachment
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    conversation = try container.decode(ConversationID.self, forKey: .conversation)
    sequence = try container.decode(MessageSequence.self, forKey: .sequence)
    sender = try container.decode(UserID.self, forKey: .sender)
    sentAt = try container.decode(Timestamp.self, forKey: .sentAt)
    key = try container.decode(IdempotencyKey.self, forKey: .key)
    text = try container.decodeText(forKey: .text, atMost: MessageText.maximumBytes)
    attachment = try container.decodeIfPresent(Attachment.self, forKey: .attachment)
  }

  private enum CodingKeys: String, CodingKey {
    case conversation, sequence, sender, key, text, attachment
    case sentAt = "sent_at"
  }
}

extension Message {
  /// What it takes in memory, about, in bytes: its words, and what goes with every message. For bounds
  /// on what is held of what the other side sends.
  public var weight: Int { 256 + text.utf8.count + (attachment == nil ? 0 : 1024) }
}

/// How far one member has read a conversation.
public struct ReadMark: Codable, Hashable, Sendable {
  /// The reader.
  public let user: UserID
  /// The last message read, ``MessageSequence/none`` before the first.
  public let sequence: MessageSequence

  public init(user: UserID, sequence: MessageSequence) {
    self.user = user
    self.sequence = sequence
  }
}
