import MartletProtocol

/// Something that happened: the only way anything reaches the state.
public enum Action: Sendable {
  // The terminal.
  case input(InputEvent)
  case resized(Size)
  /// A timer asked for by `Effect.schedule` ran out.
  case timerFired(TimerName)

  /// What was held when the client last ran, before there is a connection.
  case cacheRestored(CachedSession)

  // The connection.
  case connectionChanged(ConnectionStatus)
  /// What the server said in its hello.
  case greeted(Limits, registration: Registration?)
  /// A session began: by `signIn`, or by the stored token at start. The shell is ready to take
  /// requests for it. With a token, what was missed since the client last ran comes along.
  case signedIn(User, behind: [ConversationSummary] = [])
  /// The session goes on after the connection had been lost. Pushes may have been missed; the
  /// conversations that went on most recently come along.
  case resumed(behind: [ConversationSummary])
  /// The server's database was restored from a backup: places that messages had may be others' now.
  case historyVoided
  /// Another server answers where the one was that everything held came from.
  case serverReplaced
  /// `signIn` or `register` failed, or the stored token was refused.
  case signInFailed(RequestFailure)
  /// `register` went through. The core goes on to sign in by itself.
  case registered(User)
  /// The server ended the session, or `logout` is done; the stored token is gone.
  case sessionEnded(SessionEnd)

  // Answers.
  /// What this account left behind when it was last here, in answer to `loadSaved`.
  case savedLoaded(UserID, SavedState)
  /// What is held of a conversation, in answer to `CacheEffect.loadHistory`.
  case cachedHistoryLoaded(UserID, CachedHistory)
  /// What `saveOutbox` was given is only in memory, or what was kept not to be had.
  case savingFailed(SavingProblem)
  /// The local history is not what it should be.
  case cacheFailed(CacheProblem)
  case contactsLoaded(ListContacts.Reply)
  case contactsFailed(RequestFailure)
  /// In answer to `loadRecentContacts`.
  case recentContactsLoaded(ListContacts.Reply)
  /// In answer to `watchPresence`.
  case presencesLoaded(WatchPresence.Reply)
  case watchFailed(RequestFailure)
  /// In answer to the `loadHistory` with the same target and anchor.
  case historyLoaded(Target, HistoryAnchor, FetchHistory.Reply)
  case historyFailed(Target, HistoryAnchor, RequestFailure)
  /// In answer to `send`.
  case messageStored(IdempotencyKey, SendMessage.Reply)
  /// In answer to `send`. Unless the server refused it for good, the message stays in the outbox and
  /// is sent again, under the same key.
  case messageFailed(IdempotencyKey, RequestFailure)
  /// In answer to the `search` for the same page.
  case hitsLoaded(HitsPage, SearchMessages.Reply)
  case hitsFailed(HitsPage, RequestFailure)
  /// In answer to the `searchEverywhere` for the same page.
  case groupsLoaded(query: String, after: String?, SearchEverywhere.Reply)
  case groupsFailed(query: String, after: String?, RequestFailure)
  /// In answer to `clearHistory`; done, it is `historyCleared`.
  case clearFailed(ConversationID, RequestFailure)
  case sessionsLoaded(ListSessions.Reply)
  /// In answer to `loadSessions` or to `revokeSession`.
  case sessionsFailed(RequestFailure)
  case sessionRevoked(SessionID)
  case passwordChanged
  case passwordChangeFailed(RequestFailure)

  // Files.
  case attachments(AttachmentAction)

  // Pushes.
  case messageReceived(Message)
  case conversationCreated(ConversationID, members: [UserID])
  case presenceChanged(User, online: Bool, lastSeen: Timestamp?)
  case readChanged(ConversationID, UserID, MessageSequence)
  case typingReceived(ConversationID, UserID)
  /// Everything up to a message is gone for good: cleared here, by `clearHistory`, or elsewhere.
  case historyCleared(ConversationID, through: MessageSequence)

  /// A signal asks the client to stop: nothing to confirm.
  case terminated

  /// The server speaks TLS, and the address asks for none; or the other way round.
  case transportMismatched
  /// The key that the user trusts could not be written down; the connection goes on.
  case keyNotKept
}

extension Action {
  /// Whether it is meant for whoever is signed in. With nobody there it is late, and may not become
  /// part of what the next one sees.
  var isForSignedIn: Bool {
    switch self {
    case .savedLoaded, .savingFailed, .cachedHistoryLoaded, .contactsLoaded, .contactsFailed,
      .historyLoaded,
      .historyFailed,
      .messageStored, .messageFailed, .messageReceived, .conversationCreated, .presenceChanged,
      .readChanged, .typingReceived, .historyVoided, .recentContactsLoaded, .presencesLoaded,
      .watchFailed, .hitsLoaded, .hitsFailed, .groupsLoaded, .groupsFailed, .clearFailed,
      .sessionsLoaded, .sessionsFailed, .sessionRevoked, .passwordChanged, .passwordChangeFailed,
      .historyCleared, .attachments:
      true
    case .input, .resized, .timerFired, .cacheRestored, .cacheFailed, .connectionChanged,
      .greeted, .signedIn, .resumed, .serverReplaced, .signInFailed, .registered,
      .sessionEnded, .terminated, .transportMismatched, .keyNotKept:
      false
    }
  }
}

/// What is known of the way to the server.
public enum ConnectionStatus: Hashable, Sendable {
  /// Trying, for the so-manieth time in a row, from 1.
  case connecting(attempt: Int)
  /// The hello has been answered.
  case connected
  /// Lost or refused; the next attempt comes at a known time.
  case waiting(retryAt: Timestamp, reason: String)
  /// What answers is not known to be the server; nothing goes on without the user.
  case untrusted(ServerDoubt)
}

/// Why a request was not answered as hoped.
public enum RequestFailure: Error, Hashable, Sendable {
  /// The server said no.
  case refused(RPCError)
  /// The connection went away, or was not there: nobody knows whether it was done.
  case connectionLost
}

extension RequestFailure {
  /// Whether the same request may succeed later.
  var isPassing: Bool {
    switch self {
    case .refused(let error): error.retryAfter != nil
    case .connectionLost: true
    }
  }
}

/// Why a session is over.
public enum SessionEnd: Hashable, Sendable {
  /// The user logged out here.
  case loggedOut
  /// The server ended it, with its words for people.
  case byServer(String)
}
