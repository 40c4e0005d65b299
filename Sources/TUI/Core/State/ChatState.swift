import MartletProtocol

/// The screen after signing in.
struct ChatState: Sendable {
  var contacts = ContactsState()
  private(set) var conversations: [Target: ConversationState] = [:]
  /// Which contact a conversation number belongs to.
  private(set) var routes: [ConversationID: Target] = [:]
  /// The newest message known of each conversation when the server said hello: before it could tell of
  /// newer ones.
  var knownAtHello: [ConversationID: MessageSequence] = [:]
  /// Conversations for whose sake the contact list has been asked for since the session began.
  var unlisted: Set<ConversationID> = []
  /// The conversation on the screen, and the one before it.
  private(set) var open: Target?
  private(set) var previouslyOpen: Target?
  var focus = ChatFocus.contacts
  /// Whether the contacts pane is wanted beside the conversation, where there is room.
  var showsContacts = true
  /// What is typed while no conversation is open.
  var looseDraft = TextEditor()
  var completion: Completion?
  /// The search in the open conversation, if there is one.
  var search: SearchState?
  var downloads = DownloadsState()
  var playing: Playing?
  /// Files of messages that were cleared, of which the shell has still to hear; `nil` when nothing was
  /// cleared, none when no message that is held had a file.
  var clearedFiles: [AttachmentID]?
  /// Which conversation each message in the outbox belongs to.
  private(set) var outbox: [IdempotencyKey: Target] = [:]
  /// What the messages take that have come since it was last looked how much all of them do.
  private var arrivedBytes = 0
  /// Whether what the account left behind has arrived.
  var isSavedLoaded = false
  /// What has changed since it was last handed to the local history, contacts apart.
  var unstored = CacheChanges()
  /// Whether the timer that saves drafts is running.
  var isDraftTimerRunning = false

  /// The conversation filed under a target; made on first mention.
  subscript(target: Target) -> ConversationState {
    get { conversations[target] ?? ConversationState(target: target) }
    // In place: a timeline of 100,000 messages must not be copied to change a draft.
    _modify { yield &conversations[target, default: ConversationState(target: target)] }
  }

  /// The conversation on the screen.
  var openConversation: ConversationState? { open.flatMap { conversations[$0] } }

  /// The other member of the direct conversation on the screen.
  var openContact: UserID? {
    guard case .user(let user)? = open else { return nil }
    return user
  }

  /// The editor that typing goes to.
  var editor: TextEditor {
    get { openConversation?.draft ?? looseDraft }
    _modify {
      if let open {
        yield &self[open].draft
      } else {
        yield &looseDraft
      }
    }
  }

  /// How a conversation that a request or an answer named is filed; `nil` for one not known.
  func filing(of target: Target) -> Target? {
    switch target {
    case .user: target
    case .conversation(let id): routes[id]
    }
  }

  /// Notes which contact a conversation belongs to.
  mutating func route(_ id: ConversationID, to target: Target) {
    // One direct conversation per contact: more is a server's play with numbers.
    guard routes[id] != nil || routes.count < ContactsState.maximumEntries else { return }
    routes[id] = target
  }

  /// Makes sure that a conversation is there, with what the contact list knows of it.
  mutating func prepare(_ target: Target) {
    guard conversations[target] == nil else { return }
    var conversation = ConversationState(target: target)
    if case .user(let user) = target, let entry = contacts[user] {
      conversation.id = entry.conversation
      conversation.readSequence = entry.readSequence
      conversation.clear(through: entry.clearedSequence)
      conversation.timeline.learn(newest: entry.lastSequence)
    }
    conversations[target] = conversation
  }

  /// Every message not known to be stored, in the order in which each conversation is to get them.
  var pendingMessages: [PendingMessage] {
    conversationsWithPending.flatMap { conversations[$0]?.pending ?? [] }
  }

  /// Puts a message into the outbox and at the end of its conversation.
  mutating func enqueue(_ message: OutgoingMessage, in target: Target) {
    guard outbox.updateValue(target, forKey: message.key) == nil else { return }
    prepare(target)
    self[target].pending.append(PendingMessage(message: message))
  }

  /// Puts the messages of an earlier run into the outbox, in front of what has been written since.
  mutating func restore(_ messages: [OutgoingMessage]) {
    for message in messages.reversed()
    where outbox.updateValue(message.target, forKey: message.key) == nil {
      prepare(message.target)
      self[message.target].pending.insert(PendingMessage(message: message), at: 0)
    }
  }

  /// The messages that may go out now, which count as sent from here on.
  mutating func takeNextToSend() -> [OutgoingMessage] {
    conversationsWithPending.compactMap { target in
      guard let index = self[target].nextToSend else { return nil }
      self[target].pending[index].delivery = .sent
      return self[target].pending[index].message
    }
  }

  /// How many files are sent at once: more would only share the line.
  private static let maximumUploads = 2

  /// The files that may be sent now, the longest waiting first; they count as on their way from here on.
  mutating func takeNextToUpload() -> [(key: IdempotencyKey, file: LocalFile)] {
    let pending = pendingMessages
    let running = pending.count { if case .uploading = $0.delivery { true } else { false } }
    let waiting = pending.compactMap { pending -> (key: IdempotencyKey, file: LocalFile)? in
      guard pending.delivery == .queued, case .local(let file) = pending.message.file else {
        return nil
      }
      return (pending.message.key, file)
    }
    let next = waiting.prefix(max(0, Self.maximumUploads - running))
    for (key, file) in next {
      updatePending(key) { $0.delivery = .uploading(TransferMeter(total: file.size)) }
    }
    return Array(next)
  }

  /// The conversations with messages in the outbox, the longest waiting first.
  private var conversationsWithPending: [Target] {
    Set(outbox.values)
      .compactMap { target in
        conversations[target]?.pending.first.map { (target, $0.message) }
      }
      .sorted {
        ($0.1.writtenAt, $0.1.key.high, $0.1.key.low)
          < ($1.1.writtenAt, $1.1.key.high, $1.1.key.low)
      }
      .map(\.0)
  }

  /// Files a stored message, and takes it off the outbox if it is one of the user's own.
  ///
  /// - Returns: `false` if it was held already.
  @discardableResult
  mutating func take(_ message: Message, in target: Target, isOwn: Bool) -> Bool {
    prepare(target)
    self[target].id = message.conversation
    route(message.conversation, to: target)
    // Only among one's own is a key a name: others see it and could use it for a message of theirs.
    if isOwn, let filing = outbox.removeValue(forKey: message.key) {
      self[filing].settle(message.key, as: message.sequence)
    }
    defer { makeRoom(for: [message]) }
    guard self[target].timeline.insert(message) else { return false }
    unstored.messages.append(message)
    return true
  }

  /// The targets whose draft has changed since it was saved.
  var dirtyDrafts: [Target] { conversations.values.filter(\.isDraftDirty).map(\.target) }

  mutating func setOpen(_ target: Target?) {
    guard target != open else { return }
    if let open {
      previouslyOpen = open
    } else if let target, self[target].draft.isEmpty, !looseDraft.isEmpty {
      // What was typed before there was a conversation to type in goes to the first one.
      self[target].draft = looseDraft
      looseDraft = TextEditor()
      self[target].isDraftDirty = true
    }
    open = target
    unstored.opened = target ?? unstored.opened
    completion = nil
    dropMessageMode()
  }

  /// The message that keys act on, in message mode.
  var messageMode: MessageMode? {
    if case .messages(let mode) = focus { mode } else { nil }
  }

  /// Back to the input, when the messages are no longer what they were.
  private mutating func dropMessageMode() {
    if messageMode != nil { focus = .input }
  }
}

// How much is held of what the server sends, which may be without end.
extension ChatState {
  /// Conversations that nobody told of are remembered up to so many.
  static let maximumUnlisted = 1000
  /// What all messages may take together, about: some hundred thousand of the usual length.
  static let maximumHeldBytes = 128 << 20
  /// How much comes between two looks.
  private static let lookInterval = 4 << 20

  /// Lets go of messages when there are too many: of conversations that are not open first, and of the
  /// open one what is farthest from what is looked at. The server has them, and is asked again.
  mutating func makeRoom(for arrived: some Sequence<Message>) {
    arrivedBytes += arrived.reduce(0) { $0 + $1.weight }
    guard arrivedBytes >= Self.lookInterval else { return }
    arrivedBytes = 0
    guard conversations.values.reduce(0, { $0 + $1.timeline.weight }) > Self.maximumHeldBytes else {
      return
    }
    for target in conversations.keys where target != open {
      self[target].timeline.keep(nil, atMost: 0)
      self[target].scroll = .bottom
    }
    guard let open else { return }
    var anchor: MessageSequence?
    if case .anchored(.message(let sequence), _) = self[open].scroll { anchor = sequence }
    self[open].timeline.keep(anchor, atMost: Self.maximumHeldBytes / 2)
  }
}

/// Which pane the keys go to.
enum ChatFocus: Hashable, Sendable {
  case contacts, input
  /// On one message.
  case messages(MessageMode)
}

// Changes to many conversations at once.
extension ChatState {
  /// Notes that no request is under way any more.
  mutating func forgetRequests() {
    for target in Array(conversations.keys) {
      self[target].request = nil
      self[target].requestFailed = false
    }
  }

  /// Drops what came from the server, and keeps what the user has written and has open.
  mutating func forgetHistory() {
    unstored = CacheChanges()
    contacts = ContactsState()
    routes = [:]
    unlisted = []
    knownAtHello = [:]
    search = nil
    dropMessageMode()
    conversations = conversations.mapValues(\.withoutHistory)
  }

  /// Takes note of what is known before the server tells more.
  mutating func noteKnown() {
    knownAtHello = [:]
    for user in contacts.order {
      guard let entry = contacts[user], let id = entry.conversation else { continue }
      knownAtHello[id] = entry.lastSequence
    }
  }

  /// Whether the server has lost messages that it told of before: a copy of its database was put back.
  func hasLostMessages(_ summaries: [ConversationSummary]) -> Bool {
    summaries.contains { $0.lastSequence < knownAtHello[$0.id] ?? .none }
  }

  /// Notes that somebody has stopped writing.
  mutating func stopTyping(_ user: UserID) {
    let target = Target.user(user)
    if conversations[target] != nil { self[target].typing[user] = nil }
  }

  /// Drops typing notices up to a moment.
  ///
  /// - Returns: when the next one runs out; `nil` when none is left.
  mutating func dropTyping(until now: Timestamp) -> Timestamp? {
    var next: Timestamp?
    for target in conversations.values.filter({ !$0.typing.isEmpty }).map(\.target) {
      let left = self[target].typing.filter { $0.value > now }
      self[target].typing = left
      next = (left.values + [next].compactMap { $0 }).min()
    }
    return next
  }

  /// Changes a message in the outbox, if it is still there.
  mutating func updatePending(
    _ key: IdempotencyKey, _ change: (inout PendingMessage) -> Void
  ) {
    guard let target = outbox[key],
      let index = conversations[target]?.pending.firstIndex(where: { $0.message.key == key })
    else { return }
    change(&self[target].pending[index])
  }

  /// Queues a message again as if it had never been sent.
  mutating func retry(_ key: IdempotencyKey) {
    updatePending(key) {
      $0.delivery = .queued
      $0.deferrals = 0
    }
  }

  /// A message in the outbox, if it is still there.
  func pending(_ key: IdempotencyKey) -> PendingMessage? {
    outbox[key].flatMap { conversations[$0]?.pending.first { $0.message.key == key } }
  }

  /// Takes a message out of the outbox: it will not be sent.
  mutating func removePending(_ key: IdempotencyKey) {
    guard let target = outbox.removeValue(forKey: key) else { return }
    self[target].pending.removeAll { $0.message.key == key }
  }

  /// Queues again what the server has put off.
  mutating func requeueDeferred() {
    forEachPending { if $0.delivery == .deferred { $0.delivery = .queued } }
  }

  /// Queues again whatever the connection took with it: nobody knows what became of it.
  mutating func requeueUndecided() {
    forEachPending { pending in
      switch pending.delivery {
      // A transfer outlives the connection, and goes on by itself,
      case .failed, .stopped(.refused), .stopped(.fileChanged), .stopped(.file),
        .stopped(.notUnderstood), .uploading:
        return
      // unless that took too long.
      case .queued, .sent, .deferred, .stopped(.interrupted):
        pending.delivery = .queued
        pending.deferrals = 0
      }
    }
  }

  private mutating func forEachPending(_ change: (inout PendingMessage) -> Void) {
    for target in Set(outbox.values) {
      for index in self[target].pending.indices { change(&self[target].pending[index]) }
    }
  }
}
