import MartletProtocol

/// Something that the shell is to do. Results come back as actions only.
public enum Effect: Hashable, Sendable {
  // Session.
  case signIn(name: String, password: String)
  case register(name: String, password: String, invite: String? = nil)
  /// Ends the session at the server, if it can be reached, and forgets the token;
  /// `Action.sessionEnded(.loggedOut)` follows in any case.
  case logout
  /// Tries to connect now rather than at the end of the wait.
  case reconnect
  /// Keeps a server's key as the one it must have from now on, and connects.
  case trustServer(fingerprint: String)

  // Requests.
  case loadContacts(after: String?, limit: Int)
  /// The contacts with whom there is a conversation.
  case loadRecentContacts(limit: Int)
  /// Says whose presence is wanted from now on.
  case watchPresence([UserID])
  case loadHistory(Target, HistoryAnchor, limit: Int)
  case search(HitsPage, limit: Int)
  case searchEverywhere(query: String, after: String?, limit: Int)
  case send(OutgoingMessage)
  case markRead(ConversationID, MessageSequence)
  case typing(ConversationID)
  /// Removes everything in a conversation, for all its members and for good.
  case clearHistory(ConversationID)
  case loadSessions
  case revokeSession(SessionID)
  case changePassword(current: String, new: String)

  // What outlives the process, per account.
  /// Reads drafts and outbox of an account; `Action.savedLoaded` follows in any case.
  case loadSaved(UserID)
  /// Keeps what has been typed but not sent; an empty text forgets the draft.
  case saveDraft(UserID, Target, String)
  /// Keeps the messages not yet stored, oldest first, replacing those kept before; and drafts that have
  /// changed with them, all or nothing. A message that is new is durable before anything after this
  /// effect is done and before the next frame is drawn, or `Action.savingFailed` follows.
  case saveOutbox(UserID, [OutgoingMessage], drafts: [Target: String] = [:])
  /// Overwrites what was kept as draft or in the outbox, and is kept no more.
  case scrubSaved

  // The local history.
  case cache(CacheEffect)

  // Files.
  case attachments(AttachmentEffect)

  // The terminal.
  case bell
  /// Puts a text on the clipboard, where the terminal allows it.
  case copy(String)
  /// Sets the window's title. The text holds no control codes.
  case setTitle(String)
  /// Repaints every cell, for a screen that something else wrote on.
  case redraw
  /// Gives the terminal back and stops the process, as control-z does.
  case suspend
  case quit

  /// Sends `Action.timerFired` after so many milliseconds. A timer of the same name that still runs
  /// is replaced.
  case schedule(TimerName, afterMilliseconds: Int64)
}

/// The timers that the core uses, each at most once at a time.
public enum TimerName: Hashable, Sendable, CaseIterable {
  /// Hides the typing notice of a contact who has stopped.
  case typing
  /// Counts down to the next attempt to connect.
  case countdown
  /// Takes a notice off the key bar.
  case notice
  /// Saves drafts a moment after the last change.
  case draft
  /// Asks again for what the server could not do a moment ago.
  case retry
  /// Lets the set of contacts whose presence is watched change again.
  case watch
}

/// A page of hits in one conversation, as it is asked for.
public struct HitsPage: Hashable, Sendable {
  /// The conversation.
  public let target: Target
  /// What is looked for.
  public let query: String
  /// The `next` of the page before; `nil` for the first.
  public let after: String?

  public init(target: Target, query: String, after: String? = nil) {
    self.target = target
    self.query = query
    self.after = after
  }
}

/// A message on its way to the server.
public struct OutgoingMessage: Hashable, Sendable {
  /// Whom it is for.
  public let target: Target
  /// Its name until it is stored, and the guard against doubles.
  public let key: IdempotencyKey
  /// What it says.
  public let text: String
  /// When it was written.
  public let writtenAt: Timestamp
  /// The file it carries, if any.
  public var file: OutgoingFile?

  public init(
    target: Target, key: IdempotencyKey, text: String, writtenAt: Timestamp,
    file: OutgoingFile? = nil
  ) {
    self.target = target
    self.key = key
    self.text = text
    self.writtenAt = writtenAt
    self.file = file
  }
}

/// What went wrong with the drafts and the outbox on disk. What is in memory is sent all the same.
public enum SavingProblem: Hashable, Sendable {
  /// What was kept before could not be read.
  case unreadable
  case diskFull
  /// The disk takes nothing, as when it is read-only.
  case refused
  /// It had not been written when the wait for it ended.
  case slow
}

/// What one account left behind at the end of an earlier run.
public struct SavedState: Hashable, Sendable {
  /// Texts typed but not sent.
  public var drafts: [Target: String]
  /// Messages sent but not known to be stored, oldest first.
  public var outbox: [OutgoingMessage]

  public init(drafts: [Target: String] = [:], outbox: [OutgoingMessage] = []) {
    self.drafts = drafts
    self.outbox = outbox
  }
}
