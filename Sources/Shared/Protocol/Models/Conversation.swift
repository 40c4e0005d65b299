/// A conversation as one of its members sees it in a list.
public struct ConversationSummary: Codable, Hashable, Sendable {
  /// The conversation.
  public let id: ConversationID
  /// Everyone in it, the asking user included, in ascending order.
  public let members: [UserID]
  /// The place of its newest message, ``MessageSequence/none`` while it has none.
  public let lastSequence: MessageSequence
  /// Up to here the history was cleared, for everyone and for good; `nil` where it never was.
  public let clearedSequence: MessageSequence?
  /// How far the asking user has read.
  public let readSequence: MessageSequence
  /// How many messages of others lie past the read mark; exact among the newest 1,000 messages.
  public let unread: Int
  /// The newest message in short, `nil` while there is none.
  public let lastMessage: MessageExcerpt?

  public init(
    id: ConversationID, members: [UserID], lastSequence: MessageSequence,
    clearedSequence: MessageSequence? = nil, readSequence: MessageSequence, unread: Int,
    lastMessage: MessageExcerpt?
  ) {
    self.id = id
    self.members = members
    self.lastSequence = lastSequence
    self.clearedSequence = clearedSequence
    self.readSequence = readSequence
    self.unread = unread
    self.lastMessage = lastMessage
  }

  private enum CodingKeys: String, CodingKey {
    case id, members, unread
    case lastSequence = "last_sequence"
    case clearedSequence = "cleared_sequence"
    case readSequence = "read_sequence"
    case lastMessage = "last_message"
  }
}

/// The beginning of a message, for lists: a page of whole messages would not fit a frame.
public struct MessageExcerpt: Codable, Hashable, Sendable {
  /// Who wrote the message.
  public let sender: UserID
  /// When the server stored it.
  public let sentAt: Timestamp
  /// Its first 80 characters (Unicode scalars).
  public let text: String
  /// The name of the file it carries, if any.
  public let attachment: String?

  public init(sender: UserID, sentAt: Timestamp, text: String, attachment: String? = nil) {
    self.sender = sender
    self.sentAt = sentAt
    self.text = text
    self.attachment = attachment
  }

  private enum CodingKeys: String, CodingKey {
    case sender, text, attachment
    case sentAt = "sent_at"
  }
}
