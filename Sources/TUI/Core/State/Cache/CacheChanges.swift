import MartletProtocol

/// What has changed of what is worth keeping. Several are one: what comes later counts.
public struct CacheChanges: Hashable, Sendable {
  /// Contacts as they are now.
  public var contacts: [UserID: CachedContact] = [:]
  /// Messages that came; some may be held already.
  public var messages: [Message] = []
  /// How far members have read.
  public var reads: [ConversationID: [UserID: MessageSequence]] = [:]
  /// Up to where conversations were cleared, for good.
  public var cleared: [ConversationID: MessageSequence] = [:]
  /// The conversation that came to the screen, if another did.
  public var opened: Target?

  public init() {}

  public var isEmpty: Bool { self == CacheChanges() }

  /// Adds what changed later. Messages beyond a number are left out: they are at the server, and show as
  /// missing until they are asked for.
  public mutating func merge(_ later: CacheChanges, maximumMessages: Int) {
    contacts.merge(later.contacts) { $1 }
    messages += later.messages.prefix(max(0, maximumMessages - messages.count))
    for (conversation, marks) in later.reads {
      reads[conversation, default: [:]].merge(marks, uniquingKeysWith: max)
    }
    cleared.merge(later.cleared, uniquingKeysWith: max)
    if !later.cleared.isEmpty {
      messages.removeAll { $0.sequence <= cleared[$0.conversation] ?? .none }
    }
    opened = later.opened ?? opened
  }

  mutating func note(_ mark: ReadMark, in conversation: ConversationID) {
    reads[conversation, default: [:]].merge([mark.user: mark.sequence], uniquingKeysWith: max)
  }

  mutating func noteCleared(_ conversation: ConversationID, through sequence: MessageSequence) {
    cleared[conversation] = max(sequence, cleared[conversation] ?? .none)
  }
}
