import MartletProtocol

// The local history: what was there last time is on the screen before there is a connection.
extension AppState {
  /// Takes up an account as it was left. Nothing is asked of the server yet.
  mutating func restore(_ cached: CachedSession) -> [Effect] {
    guard user == nil, screen == .chat else { return [] }
    user = cached.user
    chat.contacts.beginBatch()
    for contact in cached.contacts where contact.user.id != cached.user.id {
      chat.contacts.update(contact.user) { $0.restore(contact) }
      if let id = contact.conversation { chat.route(id, to: .user(contact.user.id)) }
    }
    chat.contacts.endBatch()
    // It came from there.
    _ = chat.takeUnstored()
    chat.contacts.selection = chat.contacts.order.first
    var effects: [Effect] = [.loadSaved(cached.user.id)]
    if let target = cached.open, isKnown(target) {
      effects += open(target)
      if let history = cached.history, history.conversation == chat[target].id {
        fill(target, from: history)
      }
    }
    return effects
  }

  /// What is held of a conversation that was opened has been read.
  mutating func cachedHistoryLoaded(_ owner: UserID, _ history: CachedHistory) -> [Effect] {
    guard owner == user?.id,
      let target = chat.filing(of: .conversation(history.conversation)),
      chat.conversations[target]?.cache == .beingRead
    else { return [] }
    chat[target].cache = .read
    fill(target, from: history)
    return []
  }

  /// Asks for what is held of a conversation, the first time that it is opened. The server is asked for
  /// the rest, once that is known.
  mutating func readCache(of target: Target) -> [Effect] {
    guard configuration.hasCache, let user, let id = chat[target].id,
      chat[target].cache == .unread
    else { return [] }
    chat[target].cache = .beingRead
    return [.cache(.loadHistory(user.id, id))]
  }

  /// Whatever came or changed with the last action.
  mutating func storeChanges() -> [Effect] {
    let changes = chat.takeUnstored()
    guard configuration.hasCache, !changes.isEmpty else { return [] }
    return [.cache(.store(changes))]
  }

  /// From here on what is kept belongs to whoever has signed in.
  func beginCache() -> [Effect] {
    guard configuration.hasCache, let user else { return [] }
    return [.cache(.begin(user))]
  }

  func eraseCache() -> [Effect] { configuration.hasCache ? [.cache(.erase)] : [] }

  private func isKnown(_ target: Target) -> Bool {
    switch target {
    case .user(let user): chat.contacts[user] != nil
    // Rooms have no place on this screen yet.
    case .conversation: false
    }
  }

  private mutating func fill(_ target: Target, from history: CachedHistory) {
    chat[target].timeline.restore(
      history.messages.filter { $0.conversation == history.conversation })
    for mark in history.reads { chat[target].note(mark, isOwn: mark.user == user?.id) }
    chat.makeRoom(for: history.messages)
  }
}

extension ChatState {
  /// What has changed since the last call.
  mutating func takeUnstored() -> CacheChanges {
    var changes = unstored
    unstored = CacheChanges()
    for user in contacts.takeUnstored() {
      changes.contacts[user] = contacts[user].map(CachedContact.init)
    }
    return changes
  }
}

extension ContactEntry {
  /// Takes over what was known of the contact.
  mutating func restore(_ cached: CachedContact) {
    lastSeen = cached.lastSeen
    lastActivity = cached.lastActivity
    conversation = cached.conversation
    lastSequence = cached.lastSequence
    readSequence = cached.readSequence
    clearedSequence = cached.clearedSequence
    unread = max(0, cached.unread)
  }
}

extension CachedContact {
  init(_ entry: ContactEntry) {
    self.init(
      user: entry.user, lastSeen: entry.lastSeen, lastActivity: entry.lastActivity,
      conversation: entry.conversation, lastSequence: entry.lastSequence,
      readSequence: entry.readSequence, clearedSequence: entry.clearedSequence,
      unread: entry.unread)
  }

  /// Whether another differs in more than when the contact was last here, which is written along with
  /// the next change.
  func isWorthKeeping(beside other: CachedContact) -> Bool {
    var same = other
    same.lastSeen = lastSeen
    return self != same
  }
}
