import MartletProtocol

/// What the client held of an account when it last ran: enough for the screens that it had then.
public struct CachedSession: Hashable, Sendable {
  /// Whose it is.
  public var user: User
  /// The contact list as last known.
  public var contacts: [CachedContact]
  /// The conversation that was on the screen, if any.
  public var open: Target?
  /// The newest messages of that conversation.
  public var history: CachedHistory?

  public init(
    user: User, contacts: [CachedContact] = [], open: Target? = nil,
    history: CachedHistory? = nil
  ) {
    self.user = user
    self.contacts = contacts
    self.open = open
    self.history = history
  }
}

/// A contact as last known. Whether they are there is not kept: it would be a guess.
public struct CachedContact: Hashable, Sendable {
  public var user: User
  public var lastSeen: Timestamp?
  /// When the newest message of the direct conversation was stored; `nil` without one.
  public var lastActivity: Timestamp?
  /// The direct conversation; `nil` until its first message.
  public var conversation: ConversationID?
  public var lastSequence: MessageSequence
  public var readSequence: MessageSequence
  public var clearedSequence: MessageSequence
  public var unread: Int

  public init(
    user: User, lastSeen: Timestamp? = nil, lastActivity: Timestamp? = nil,
    conversation: ConversationID? = nil, lastSequence: MessageSequence = .none,
    readSequence: MessageSequence = .none, clearedSequence: MessageSequence = .none,
    unread: Int = 0
  ) {
    self.user = user
    self.lastSeen = lastSeen
    self.lastActivity = lastActivity
    self.conversation = conversation
    self.lastSequence = lastSequence
    self.readSequence = readSequence
    self.clearedSequence = clearedSequence
    self.unread = unread
  }
}

/// What is held of one conversation: stretches of it, not necessarily all.
public struct CachedHistory: Hashable, Sendable {
  public var conversation: ConversationID
  /// In ascending sequence, each once.
  public var messages: [Message]
  /// How far each member has read.
  public var reads: [ReadMark]

  public init(conversation: ConversationID, messages: [Message] = [], reads: [ReadMark] = []) {
    self.conversation = conversation
    self.messages = messages
    self.reads = reads
  }
}
