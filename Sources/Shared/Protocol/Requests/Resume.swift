/// Signs in with the token of an earlier login and says how far this client has got.
public struct Resume: RequestMessage {
  public static let method = "session.resume"

  /// The secret that ``Login`` answered with.
  public let token: String
  /// The newest message that the client holds without a gap, per conversation it holds.
  public let cursors: [Cursor]

  public init(token: String, cursors: [Cursor]) {
    self.token = token
    self.cursors = cursors
  }

  /// The newest contiguous message that a client holds of one conversation.
  public struct Cursor: Codable, Hashable, Sendable {
    /// The conversation.
    public let conversation: ConversationID
    /// The newest message held.
    public let sequence: MessageSequence

    public init(conversation: ConversationID, sequence: MessageSequence) {
      self.conversation = conversation
      self.sequence = sequence
    }
  }

  /// What the client has missed, to be fetched with ``FetchHistory`` at the client's own pace.
  public struct Reply: Codable, Hashable, Sendable {
    /// The session's number.
    public let session: SessionID
    /// Who signed in.
    public let user: User
    /// The conversations whose newest message is not the one the client named, the most recent
    /// first, at most one page. Others are found by ``ListContacts``.
    public let behind: [ConversationSummary]

    public init(session: SessionID, user: User, behind: [ConversationSummary]) {
      self.session = session
      self.user = user
      self.behind = behind
    }
  }
}
