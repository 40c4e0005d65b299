import MartletProtocol

/// One conversation as the client knows it: messages, draft, and where the reader is.
struct ConversationState: Sendable {
  /// How the conversation is filed: by the other member if it is direct.
  let target: Target
  /// Its number; `nil` until the first message of a direct conversation is stored.
  var id: ConversationID?
  var timeline = Timeline()
  /// Own messages that are not known to be stored, oldest first.
  var pending: [PendingMessage] = []
  var draft = TextEditor()
  /// Whether the draft has changed since it was last saved.
  var isDraftDirty = false
  var history = InputHistory()
  var scroll = ScrollPosition.bottom
  /// How far the user has read.
  var readSequence = MessageSequence.none
  /// How far each member has read.
  var readMarks: [UserID: MessageSequence] = [:]
  /// The "new" line stands after this message; `nil` for no line.
  var newLineAfter: MessageSequence?
  /// `/clear` hides messages up to this one until the user scrolls up or leaves.
  var clearedThrough: MessageSequence?
  /// Who is writing, and until when that is believed.
  var typing: [UserID: Timestamp] = [:]
  /// The request for history under way: at most one at a time.
  var request: HistoryAnchor?
  /// Whether the last request failed; the next scroll or reconnection tries again.
  var requestFailed = false
  /// What of it has come from the local history.
  var cache = CacheReading.unread
  /// When a typing notice was last sent.
  var typingSentAt: Timestamp?

  /// Whose marks there are is the server's word, and may be anybody's.
  private static let maximumMarks = 1000

  init(target: Target, id: ConversationID? = nil) {
    self.target = target
    self.id = id
  }

  /// How the server is asked about it.
  var address: Target { id.map(Target.conversation) ?? target }

  /// The mark of the member, other than the user, who has read the furthest.
  func furthestRead(besides user: UserID?) -> MessageSequence {
    readMarks.lazy.filter { $0.key != user }.map(\.value).max() ?? .none
  }

  /// The place in `pending` of the message to send next, if one may go out now: one at a time, so that
  /// a message which the server puts off is not overtaken by the next.
  var nextToSend: Int? {
    for (index, message) in pending.enumerated() {
      switch message.delivery {
      // A text does not wait for a large file before it.
      case .failed, .stopped, .uploading: continue
      case .queued:
        if case .local = message.message.file { continue }
        return index
      case .sent, .deferred: return nil
      }
    }
    return nil
  }

  /// Removes a pending message that has turned out to be stored, and keeps the scroll position if it
  /// was the anchor.
  mutating func settle(_ key: IdempotencyKey, as sequence: MessageSequence) {
    pending.removeAll { $0.message.key == key }
    if case .anchored(.pending(key), let rows) = scroll {
      scroll = .anchored(.message(sequence), rowsBelow: rows)
    }
  }
}

/// How far a conversation has been read from the local history.
enum CacheReading: Hashable, Sendable {
  case unread
  /// The server is not asked for what may be held.
  case beingRead
  case read
}

/// An own message that is not known to be stored.
struct PendingMessage: Hashable, Sendable {
  var message: OutgoingMessage
  var delivery = Delivery.queued
  /// How often in a row the server has put it off.
  var deferrals = 0

  /// How far it has got.
  enum Delivery: Hashable, Sendable {
    /// It goes out when there is a session and those before it are decided, and its file before it.
    case queued
    /// Its answer is awaited.
    case sent
    /// The server could not take it just now; `TimerName.retry` queues it again.
    case deferred
    /// The server will not take it; the user may have it sent again.
    case failed(RPCError)
    /// Its file is on its way.
    case uploading(TransferMeter)
    /// Its file did not get there; the user may have it sent again.
    case stopped(TransferFailure)
  }
}

extension PendingMessage {
  /// Whether nothing more happens unless the user wants it.
  var hasFailed: Bool {
    switch delivery {
    case .failed, .stopped: true
    case .queued, .sent, .deferred, .uploading: false
    }
  }

  /// Changes the file that is still to be sent, if there is one.
  mutating func updateFile(_ change: (inout LocalFile) -> Void) {
    guard case .local(var file) = message.file else { return }
    change(&file)
    message.file = .local(file)
  }
}

/// Where the message pane is scrolled to. It is held by a message rather than by a row number, so
/// neither new messages nor a resize move what is being read.
enum ScrollPosition: Hashable, Sendable {
  /// Follows the newest message.
  case bottom
  /// So many rows of the named item lie below the lower edge of the pane.
  case anchored(ScrollAnchor, rowsBelow: Int)
}

/// Something in the message pane that keeps its identity.
enum ScrollAnchor: Hashable, Sendable {
  /// The row above the oldest message.
  case top
  case message(MessageSequence)
  /// The row for messages missing at the end.
  case end
  case pending(IdempotencyKey)
}

extension ConversationState {
  /// The same conversation with only what the user has written.
  var withoutHistory: ConversationState {
    var new = ConversationState(target: target)
    new.pending = pending
    new.draft = draft
    new.isDraftDirty = isDraftDirty
    new.history = history
    return new
  }

  /// Takes note of how far somebody has read; a mark never moves back.
  mutating func note(_ mark: ReadMark, isOwn: Bool) {
    guard readMarks[mark.user] != nil || readMarks.count < Self.maximumMarks else { return }
    readMarks[mark.user] = max(readMarks[mark.user] ?? .none, mark.sequence)
    if isOwn { readSequence = max(readSequence, mark.sequence) }
  }

  /// Drops everything up to a message, for good. What the user has not sent yet stays.
  mutating func clear(through sequence: MessageSequence) {
    guard sequence > timeline.cleared else { return }
    timeline.clear(through: sequence)
    readSequence = max(readSequence, sequence)
    readMarks = readMarks.mapValues { max($0, sequence) }
    if newLineAfter.map({ $0 <= sequence }) ?? false { newLineAfter = nil }
    if clearedThrough.map({ $0 <= sequence }) ?? false { clearedThrough = nil }
    // What was being read may be gone.
    if timeline.messages.isEmpty { scroll = .bottom }
  }

  /// How many messages of others are held past a mark.
  func unread(after mark: MessageSequence, by user: UserID?) -> Int {
    timeline.messages.reversed().prefix { $0.sequence > mark }.count { $0.sender != user }
  }
}
