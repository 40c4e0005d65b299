import MartletProtocol

extension AppState {
  mutating func connectionChanged(_ status: ConnectionStatus) -> [Effect] {
    connection = status
    closeTrust()
    switch status {
    case .connected:
      chat.noteKnown()
      return signIn.progress == .waitingForConnection ? submitForm() : []
    case .waiting:
      goOffline()
      return [.schedule(.countdown, afterMilliseconds: 1000)]
    case .connecting:
      goOffline()
      return []
    case .untrusted(let doubt):
      goOffline()
      refuseServer(doubt)
      return []
    }
  }

  /// Requests under way are lost with the connection; they are made again when it is back.
  private mutating func goOffline() {
    isOnline = false
    chat.contacts.isLoading = false
    chat.forgetRequests()
    forgetSearchRequests()
    chat.requeueUndecided()
  }

  mutating func countDown() -> [Effect] {
    guard case .waiting(let retryAt, _) = connection, now < retryAt else { return [] }
    return [.schedule(.countdown, afterMilliseconds: 1000)]
  }

  mutating func signedIn(_ user: User, behind: [ConversationSummary]) -> [Effect] {
    if let current = self.user, current.id != user.id { chat = ChatState() }
    self.user = user
    isOnline = true
    watched = nil
    canWatch = true
    screen = .chat
    // Nothing of a password stays behind.
    signIn = SignInState()
    endHeldSearch()
    let loading: [Effect] = chat.isSavedLoaded ? [] : [.loadSaved(user.id)]
    // Those whom one talks to, in front of everyone else.
    return beginCache() + voidLostHistory(behind) + loading + note(behind)
      + [.loadRecentContacts(limit: limits.pageEntries)] + reload()
  }

  mutating func resumed(behind: [ConversationSummary]) -> [Effect] {
    guard user != nil else { return [] }
    isOnline = true
    watched = nil
    isWatchTimerRunning = false
    chat.unlisted = []
    endHeldSearch()
    return voidLostHistory(behind) + note(behind) + reload()
  }

  /// A server that has lost what is held here was put back to an earlier state.
  private mutating func voidLostHistory(_ behind: [ConversationSummary]) -> [Effect] {
    chat.hasLostMessages(behind) ? eraseCache() + voidHistory() : []
  }

  /// The database is not the one that what is shown came from: all of that goes, and what the user has
  /// written stays.
  mutating func voidHistory() -> [Effect] {
    chat.forgetHistory()
    watched = nil
    if overlay?.isOfServer ?? false { overlay = nil }
    return beginCache()
  }

  mutating func savedLoaded(_ owner: UserID, _ saved: SavedState) -> [Effect] {
    guard owner == user?.id else { return [] }
    chat.isSavedLoaded = true
    for (target, text) in saved.drafts where !text.isEmpty {
      chat.prepare(target)
      if chat[target].draft.isEmpty { chat[target].draft.replace(with: text) }
    }
    chat.restore(saved.outbox)
    // What was written before this arrived has been kept without it.
    return saved.outbox.isEmpty ? [] : saveOutbox()
  }

  mutating func sessionEnded(_ end: SessionEnd) -> [Effect] {
    leaveSession(because: end) + eraseCache()
  }

  /// Another server is no place for what was meant for the one before; what it is shown is loaded anew.
  mutating func serverReplaced() -> [Effect] {
    let effects = saveDrafts() + [.attachments(.stopAll)] + eraseCache()
    chat = ChatState()
    user = nil
    overlay = nil
    help = nil
    return effects
  }

  /// Back to the sign-in form.
  mutating func leaveSession(because end: SessionEnd) -> [Effect] {
    let effects = saveDrafts() + [.attachments(.stopAll), .scrubSaved]
    let name = user?.name ?? ""
    chat = ChatState()
    user = nil
    isOnline = false
    overlay = nil
    help = nil
    watched = nil
    notice = nil
    screen = .signIn
    signIn = SignInState()
    signIn.name.replace(with: name)
    signIn.field = name.isEmpty ? .name : .password
    signIn.problem = .ended(end)
    return effects
  }

  /// Keeps the drafts that have changed.
  mutating func saveDrafts() -> [Effect] {
    guard let user else { return [] }
    return takeDirtyDrafts().map { .saveDraft(user.id, $0.key, $0.value) }
  }

  /// The drafts that have changed, which count as kept from here on.
  mutating func takeDirtyDrafts() -> [Target: String] {
    var drafts: [Target: String] = [:]
    for target in chat.dirtyDrafts {
      chat[target].isDraftDirty = false
      drafts[target] = chat[target].draft.text
    }
    return drafts
  }
}
