import MartletProtocol

extension AppState {
  /// Takes note of what happened, in order, and returns what is to be done about it. What follows from the
  /// state is worked out once for all of it.
  public mutating func apply(_ actions: [Action], _ environment: Environment) -> [Effect] {
    now = environment.now
    var effects: [Effect] = []
    for action in actions where user != nil || !action.isForSignedIn {
      effects += reduce(action, environment)
    }
    return effects + catchUp()
  }

  private mutating func reduce(_ action: Action, _ environment: Environment) -> [Effect] {
    switch action {
    case .input(let event): return handle(event, environment)
    case .resized(let size):
      resize(to: size)
      return redrawPicture()
    case .timerFired(let timer): return timerFired(timer)

    case .cacheRestored(let cached): return restore(cached)

    case .connectionChanged(let status): return connectionChanged(status)
    case .greeted(let limits, let registration):
      self.limits = limits
      // A server that does not say asks when it comes to it.
      if let registration { signIn.takesInvite = registration == .invite }
      return []
    case .signedIn(let user, let behind): return signedIn(user, behind: behind)
    case .resumed(let behind): return resumed(behind: behind)
    case .historyVoided: return voidHistory()
    case .serverReplaced: return serverReplaced()
    case .signInFailed(let failure): return signInFailed(failure)
    case .registered: return registered()
    case .sessionEnded(let end): return sessionEnded(end)

    case .savedLoaded(let user, let saved): return savedLoaded(user, saved)
    case .cachedHistoryLoaded(let owner, let history):
      return cachedHistoryLoaded(owner, history)
    case .savingFailed(let problem):
      return show(strings.explain(problem), isProblem: true)
    case .cacheFailed(let problem):
      return show(strings.explain(problem), isProblem: true)
    case .contactsLoaded(let page): return contactsLoaded(page)
    case .contactsFailed(let failure): return contactsFailed(failure)
    case .recentContactsLoaded(let page): return recentContactsLoaded(page)
    case .presencesLoaded(let reply):
      presencesLoaded(reply)
      return []
    case .watchFailed(let failure): return watchFailed(failure)
    case .historyLoaded(let target, let anchor, let page):
      return historyLoaded(target, anchor, page)
    case .historyFailed(let target, let anchor, let failure):
      return historyFailed(target, anchor, failure)
    case .messageStored(let key, let reply): return messageStored(key, reply)
    case .messageFailed(let key, let failure): return messageFailed(key, failure)

    case .hitsLoaded(let page, let reply): return hitsLoaded(page, reply)
    case .hitsFailed(let page, let failure): return hitsFailed(page, failure)
    case .groupsLoaded(let query, let after, let reply):
      groupsLoaded(query, after: after, reply)
      return []
    case .groupsFailed(let query, let after, let failure):
      groupsFailed(query, after: after, failure)
      return []
    case .clearFailed(let conversation, let failure): return clearFailed(conversation, failure)
    case .sessionsLoaded(let reply):
      sessionsLoaded(reply)
      return []
    case .sessionsFailed(let failure):
      return sessionsFailed(failure)
    case .sessionRevoked(let session): return sessionRevoked(session)
    case .passwordChanged: return passwordChanged()
    case .passwordChangeFailed(let failure): return passwordChangeFailed(failure)

    case .attachments(let action): return apply(action, environment)

    case .messageReceived(let message): return messageReceived(message)
    case .conversationCreated(let id, let members):
      conversationCreated(id, members: members)
      return []
    case .presenceChanged(let user, let online, let lastSeen):
      presenceChanged(user, online: online, lastSeen: lastSeen)
      return []
    case .readChanged(let conversation, let reader, let sequence):
      readChanged(conversation, by: reader, upTo: sequence)
      return []
    case .typingReceived(let conversation, let writer):
      return typingReceived(conversation, from: writer)
    case .historyCleared(let conversation, let sequence):
      return historyCleared(conversation, through: sequence)

    case .terminated: return leave() + [.quit]
    case .transportMismatched: return showMismatch()
    case .keyNotKept: return show(strings.trust.notKept, isProblem: true)
    }
  }

  private mutating func timerFired(_ timer: TimerName) -> [Effect] {
    switch timer {
    case .typing: return typingExpired()
    case .countdown: return countDown()
    case .notice:
      notice = nil
      return []
    case .draft:
      chat.isDraftTimerRunning = false
      return saveDrafts()
    case .retry: return retryTimerFired()
    case .watch:
      isWatchTimerRunning = false
      return []
    }
  }

  /// Shows a message on the key bar for a while.
  mutating func show(_ text: String, isProblem: Bool = false) -> [Effect] {
    notice = Notice(text: text, isProblem: isProblem)
    return [.schedule(.notice, afterMilliseconds: Notice.milliseconds)]
  }

  /// What is to be done before the process goes away or sleeps.
  mutating func leave() -> [Effect] { saveDrafts() }
}
