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

  private enum CodingKeys: String, CodingKey {
    case conversation, sequence, sender, key, text, attachment
    case sentAt = "sent_at"
  }
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
