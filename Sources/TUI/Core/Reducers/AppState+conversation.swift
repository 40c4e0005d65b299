import MartletProtocol

extension AppState {
  /// Brings a conversation to the screen.
  mutating func open(_ target: Target) -> [Effect] {
    leaveMessages()
    let effects = closeOpen(besides: target)
    chat.prepare(target)
    chat.setOpen(target)
    chat.focus = .input
    if !chat.contacts.filter.isEmpty { changeFilter(to: "") }
    chat[target].requestFailed = false
    if case .user(let user) = target {
      if chat[target].newLineAfter == nil, (chat.contacts[user]?.unread ?? 0) > 0 {
        chat[target].newLineAfter = chat[target].readSequence
      }
      select(user)
    }
    return effects + readCache(of: target)
  }

  /// Leaves the open conversation: what was new is not new any more.
  private mutating func closeOpen(besides target: Target) -> [Effect] {
    guard let open = chat.open, open != target else { return [] }
    endSearch()
    chat[open].newLineAfter = nil
    chat[open].clearedThrough = nil
    return saveDrafts()
  }

  /// Whether what is at the bottom of the open conversation is being looked at.
  var isReading: Bool {
    guard let conversation = chat.openConversation else { return false }
    return screen == .chat && !isCovered && chat.search == nil && hasFocus
      && conversation.scroll == .bottom
      && !ScreenLayout.isTooSmall(size) && layout(for: size).messages != nil
  }

  mutating func messageReceived(_ message: Message) -> [Effect] {
    guard let user else { return [] }
    guard let target = chat.filing(of: .conversation(message.conversation)) else {
      // A conversation that nobody told us of: the contact list will, with what came in it. One that is
      // not on the list is a room, which has no place on this screen yet.
      guard chat.unlisted.count < ChatState.maximumUnlisted,
        chat.unlisted.insert(message.conversation).inserted
      else { return [] }
      return reload() + (message.sender == user.id ? [] : [.bell])
    }
    let isOwn = message.sender == user.id
    let wasPending = isOwn && chat.outbox[message.key] != nil
    let isReading = isReading && chat.open == target
    let isCounted = isCounted(message, in: target)
    guard chat.take(message, in: target, isOwn: isOwn) || wasPending else { return [] }
    let introduction = isStranger(target) ? reload() : []
    noteActivity(in: target, at: message.sentAt, sequence: message.sequence)
    guard !isOwn else {
      return introduction + (wasPending ? saveOutbox() : [])
    }
    chat[target].typing[message.sender] = nil
    guard message.sequence > chat[target].readSequence, !isReading else { return introduction }
    if chat.open == target,
      chat[target].readSequence.next >= message.sequence
        || chat[target].newLineAfter == nil
    {
      chat[target].newLineAfter = chat[target].readSequence
    }
    if !isCounted, case .user(let contact) = target, let entry = chat.contacts[contact] {
      chat.contacts.update(entry.user) { $0.unread += 1 }
    }
    return introduction + [.bell]
  }

  /// Whether somebody writes whose name is not known.
  private func isStranger(_ target: Target) -> Bool {
    guard case .user(let contact) = target else { return false }
    return chat.contacts[contact] == nil
  }

  /// Whether the contact list came after the message and so has it in its unread count.
  private func isCounted(_ message: Message, in target: Target) -> Bool {
    guard case .user(let contact) = target, let entry = chat.contacts[contact] else { return false }
    return message.sequence <= entry.lastSequence
  }

  mutating func historyLoaded(
    _ asked: Target, _ anchor: HistoryAnchor, _ page: FetchHistory.Reply
  ) -> [Effect] {
    guard let target = chat.filing(of: asked) else { return [] }
    if case .conversation(let id) = asked, page.conversation != id {
      return historyFailed(asked, anchor, .refused(RPCError(.internalError, "")))
    }
    chat.prepare(target)
    defer { chat.makeRoom(for: page.messages) }
    if chat[target].request == anchor { chat[target].request = nil }
    chat[target].requestFailed = false
    if let id = page.conversation {
      chat[target].id = id
      chat.route(id, to: target)
    }
    chat[target].timeline.merge(page, at: anchor)
    for mark in page.reads { chat[target].note(mark, isOwn: mark.user == user?.id) }
    noteUnstored(page, in: target)
    let settled = page.messages.filter { message in
      message.sender == user?.id && message.conversation == page.conversation
        && chat.outbox[message.key] != nil
    }
    for message in settled { chat.take(message, in: target, isOwn: true) }
    var effects: [Effect] = []
    if case .around(let sequence) = anchor, target == chat.open {
      effects = noteContext(around: sequence)
    }
    return settled.isEmpty ? effects : effects + saveOutbox()
  }

  /// What a page brought is worth keeping.
  private mutating func noteUnstored(_ page: FetchHistory.Reply, in target: Target) {
    guard let id = page.conversation else { return }
    let cleared = chat[target].timeline.cleared
    chat.unstored.messages += page.messages.filter {
      $0.conversation == id && $0.sequence > cleared
    }
    for mark in page.reads { chat.unstored.note(mark, in: id) }
  }

  /// Leaves the server alone for a while: asked again at once, a request that cannot succeed just now
  /// would be made as fast as it fails.
  mutating func historyFailed(
    _ target: Target, _ anchor: HistoryAnchor, _ failure: RequestFailure
  ) -> [Effect] {
    guard let target = chat.filing(of: target), chat.conversations[target]?.request == anchor
    else { return [] }
    chat[target].request = nil
    chat[target].requestFailed = true
    return failure.isPassing
      ? scheduleRetry(afterMilliseconds: Self.delay(after: failure)) : []
  }

  mutating func readChanged(
    _ conversation: ConversationID, by reader: UserID, upTo sequence: MessageSequence
  ) {
    guard let target = chat.filing(of: .conversation(conversation)) else { return }
    let isOwn = reader == user?.id
    if chat.conversations[target] != nil {
      chat[target].note(ReadMark(user: reader, sequence: sequence), isOwn: isOwn)
    }
    chat.unstored.note(ReadMark(user: reader, sequence: sequence), in: conversation)
    if isOwn { noteRead(in: target, upTo: sequence) }
  }

  /// Takes read messages off the unread count.
  mutating func noteRead(in target: Target, upTo sequence: MessageSequence) {
    guard case .user(let contact) = target, let entry = chat.contacts[contact] else { return }
    let unread =
      sequence >= entry.lastSequence
      ? 0 : chat.conversations[target]?.unread(after: sequence, by: user?.id) ?? entry.unread
    chat.contacts.update(entry.user) { entry in
      entry.readSequence = max(entry.readSequence, sequence)
      entry.unread = min(entry.unread, unread)
    }
  }

  mutating func typingReceived(_ conversation: ConversationID, from writer: UserID) -> [Effect] {
    guard let target = chat.filing(of: .conversation(conversation)), writer != user?.id,
      let held = chat.conversations[target],
      held.typing[writer] != nil || held.typing.count < Self.maximumTyping
    else { return [] }
    chat[target].typing[writer] = now.advanced(byMilliseconds: Self.typingMilliseconds)
    // For whoever stops first.
    return typingExpired()
  }

  mutating func typingExpired() -> [Effect] {
    let next = chat.dropTyping(until: now)
    guard let next else { return [] }
    return [.schedule(.typing, afterMilliseconds: max(1, next.milliseconds(since: now)))]
  }

  /// How long a typing notice is believed.
  private static let typingMilliseconds: Int64 = 6000
  /// How many people at once: who writes is the server's word, and nobody reads so many names.
  private static let maximumTyping = 100

  mutating func noteActivity(
    in target: Target, at time: Timestamp, sequence: MessageSequence
  ) {
    guard case .user(let contact) = target else { return }
    let user = chat.contacts[contact]?.user ?? User(id: contact, name: "#\(contact)")
    let id = chat[target].id
    chat.contacts.update(user) { entry in
      entry.conversation = id
      entry.lastSequence = max(entry.lastSequence, sequence)
      entry.lastActivity = max(entry.lastActivity ?? time, time)
    }
  }
}
