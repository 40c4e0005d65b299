import MartletProtocol

/// What the shell is to do with the local history. Only asked for with `Configuration.hasCache`.
public enum CacheEffect: Hashable, Sendable {
  /// From here on it is this account's, at the server that is signed in to, in the present epoch of its
  /// database. What is there of another is erased first.
  case begin(User)
  /// Keeps what has changed.
  case store(CacheChanges)
  /// Reads what is held of a conversation; `Action.cachedHistoryLoaded` follows in any case.
  case loadHistory(UserID, ConversationID)
  /// Erases all of it, and every trace of it.
  case erase
}

/// What went wrong with the local history. The client goes on without what it cannot have.
public enum CacheProblem: Hashable, Sendable {
  /// It could not be read, and an empty one was begun.
  case unreadable
  case diskFull
  /// The disk takes nothing, as when it is read-only.
  case refused
  /// It was to be erased, and is still there.
  case notErased
}
