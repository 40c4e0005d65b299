import MartletClient
public import MartletProtocol

/// A client as docs/protocol.md, sections 7 and 8, describes it, that keeps a journal: it resends what
/// was not answered under the same key, hands each message to its application once and in order, and
/// closes gaps by history.
///
/// It performs nothing. Each input returns what is to be done, in order; what is to be recorded must be
/// on disk before anything that follows is done.
public struct Participant: Sendable {
  /// What is to be done.
  public enum Effect: Hashable, Sendable {
    case record(JournalEntry)
    case send(SendMessage)
    /// Ask for history after a place.
    case fetch(Place)
    case clear(ConversationID)
  }

  /// Who the client is; `nil` before it first signed in.
  public private(set) var user: UserID?
  /// What the client comes back with; `nil` before it first signed in.
  public private(set) var token: String?
  public private(set) var outbox: Outbox
  public private(set) var conversations: [ConversationID: HeldConversation] = [:]
  private var isOnline = false
  private var effects: [Effect] = []

  /// Makes the participant that a journal leaves behind: a new one, from an empty journal.
  ///
  /// - Parameter window: how many messages to one target may be on their way at a time.
  public init(window: Int, replaying entries: [JournalEntry] = []) {
    outbox = Outbox(window: window)
    for entry in entries { replay(entry) }
  }

  /// What a resume names.
  public var cursors: [Resume.Cursor] {
    conversations.map { Resume.Cursor(conversation: $0, sequence: $1.cursor) }
  }

  /// Takes what happened and returns what is to be done.
  public mutating func handle(_ input: Input) -> [Effect] {
    switch input {
    case .signedIn(let user, let token):
      record(.signedIn(user, token: token))
      online(behind: [])
    case .resumed(let behind): online(behind: behind)
    case .disconnected: offline()
    case .message(let message): take(message, from: .push)
    case .cleared(let place): clear(place, from: .push)
    case .write(let key, let target, let text): record(.intent(key, target, text: text))
    case .clear(let conversation):
      record(.clearing(conversation))
      effects.append(.clear(conversation))
    case .sendAnswered(let key, let result): sendAnswered(key, result)
    case .historyAnswered(let conversation, let result): historyAnswered(conversation, result)
    case .clearAnswered(let place): clear(place, from: .reply)
    case .retryTimer:
      outbox.retry()
      for conversation in conversations.keys { conversations[conversation]?.retry() }
    case .stopped(let reason): record(.stopped(reason))
    }
    if isOnline { ask() }
    defer { effects = [] }
    return effects
  }

  // MARK: What is known

  private mutating func record(_ entry: JournalEntry) {
    replay(entry)
    effects.append(.record(entry))
  }

  /// Takes one further entry of a journal, which changes the state in the same way as when it was
  /// written.
  public mutating func replay(_ entry: JournalEntry) {
    switch entry {
    case .started, .clearing, .stopped: break
    case .signedIn(let user, let token):
      self.user = user
      self.token = token
    case .intent(let key, let target, let text):
      outbox.append(SendMessage(target: target, key: key, text: text))
    case .acknowledged(let key, _), .failed(let key, _): _ = outbox.remove(key)
    case .received(let receipt):
      conversations[receipt.place.conversation, default: HeldConversation()]
        .hold(receipt.place.sequence)
    case .cleared(let place, _):
      conversations[place.conversation, default: HeldConversation()].clear(place.sequence)
    }
  }

  // MARK: The connection

  private mutating func online(behind: [ConversationSummary]) {
    isOnline = true
    for summary in behind {
      if let cleared = summary.clearedSequence { clear(Place(summary.id, cleared), from: .resume) }
      conversations[summary.id, default: HeldConversation()].hear(of: summary.lastSequence)
    }
    for conversation in conversations.keys { conversations[conversation]?.retry() }
  }

  private mutating func offline() {
    isOnline = false
    outbox.disconnected()
    for conversation in conversations.keys { conversations[conversation]?.disconnected() }
  }

  /// Asks for whatever may be asked for now.
  private mutating func ask() {
    effects += outbox.takeNext().map(Effect.send)
    for (conversation, held) in conversations.sorted(by: { $0.key < $1.key }) {
      if conversations[conversation]?.takeFetch() == true {
        effects.append(.fetch(Place(conversation, held.cursor)))
      }
    }
  }

  // MARK: What the server says

  private mutating func take(_ message: Message, from source: JournalEntry.Source) {
    let held = conversations[message.conversation, default: HeldConversation()]
    // One already held is a duplicate, and one that was cleared is late.
    guard message.sequence > held.cursor else { return }
    guard message.sequence == held.cursor.next else {
      conversations[message.conversation, default: held].hear(of: message.sequence)
      return
    }
    record(
      .received(
        JournalEntry.Receipt(
          place: Place(message.conversation, message.sequence), sender: message.sender,
          key: message.key, digest: TextDigest(of: message.text), source: source)))
  }

  private mutating func clear(_ place: Place, from source: JournalEntry.Source) {
    guard
      place.sequence > conversations[place.conversation, default: HeldConversation()].cleared
    else { return }
    record(.cleared(place, source))
  }

  private mutating func sendAnswered(
    _ key: IdempotencyKey, _ result: Result<SendMessage.Reply, ClientError>
  ) {
    switch result {
    case .success(let reply):
      let pending = outbox.messages.first { $0.key == key }
      // Also when it was answered before: the checker compares.
      record(.acknowledged(key, Place(reply.conversation, reply.sequence)))
      guard let pending, let user else { return }
      take(
        Message(
          conversation: reply.conversation, sequence: reply.sequence, sender: user,
          sentAt: reply.sentAt, key: key, text: pending.text), from: .reply)
    case .failure(.refused(let refusal)) where !refusal.mayPass: record(.failed(key, refusal.code))
    case .failure: outbox.putOff(key)
    }
  }

  private mutating func historyAnswered(
    _ conversation: ConversationID, _ result: Result<FetchHistory.Reply, ClientError>
  ) {
    let before = conversations[conversation, default: HeldConversation()].cursor
    if case .success(let reply) = result {
      for message in reply.messages {
        let held = conversations[conversation, default: HeldConversation()]
        // There are no holes in the places, so what lies between was cleared, and the push that says
        // so is on its way.
        if message.sequence > held.cursor.next {
          clear(Place(conversation, message.sequence.previous), from: .history)
        }
        take(message, from: .history)
      }
    }
    let after = conversations[conversation, default: HeldConversation()].cursor
    conversations[conversation]?.fetched(somethingNew: after > before)
  }
}

extension RPCError {
  /// Whether the same request may succeed later.
  fileprivate var mayPass: Bool {
    retryAfter != nil || code == .unavailable || code == .overloaded
  }
}
