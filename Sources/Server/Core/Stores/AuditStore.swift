public import MartletProtocol

/// Where it is kept who signed in, and what was done that cannot be undone.
public protocol AuditStore: Sendable {
  /// Adds an entry, and drops those that are older than some days.
  func record(_ entry: AuditEntry, keepingDays days: Int64) async throws(StoreError)
}

/// One thing that was done. It never holds a password, a token, or what a message says.
public struct AuditEntry: Hashable, Sendable {
  /// What was done, by whoever it concerns or by an operator.
  public enum Event: String, CaseIterable, Codable, Sendable {
    case registered
    case signedIn = "signed_in"
    case signInFailed = "sign_in_failed"
    case signedOut = "signed_out"
    case sessionRevoked = "session_revoked"
    case passwordChanged = "password_changed"
    case passwordNotChanged = "password_not_changed"
    case historyCleared = "history_cleared"

    case accountAdded = "account_added"
    case accountDeleted = "account_deleted"
    case accountDisabled = "account_disabled"
    case accountEnabled = "account_enabled"
    case accountMuted = "account_muted"
    case accountUnmuted = "account_unmuted"
    case passwordSet = "password_set"
    case sessionsEnded = "sessions_ended"
    case inviteCreated = "invite_created"
    case inviteRevoked = "invite_revoked"
    case accountExported = "account_exported"
  }

  public var event: Event
  /// Whom it concerns.
  public var user: UserID?
  public var session: SessionID?
  /// Where it came from.
  public var origin: String
  public var detail: String

  public init(
    _ event: Event, user: UserID? = nil, session: SessionID? = nil, origin: String = "",
    detail: String = ""
  ) {
    self.event = event
    self.user = user
    self.session = session
    self.origin = origin
    self.detail = detail
  }
}
