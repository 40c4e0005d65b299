public import MartletProtocol

/// What operators look at and change in the database.
public protocol AdministrationStore: AuditStore {
  /// The accounts that are not deleted, in ascending order of their numbers.
  func accounts(after: UserID, limit: Int) async throws(StoreError) -> [AccountRecord]

  /// The account that has a name in any case or composition.
  func account(named name: String) async throws(StoreError) -> AccountRecord?

  /// Replaces a password and ends all sessions of the user's, in one transaction. Returns those ended.
  func setPassword(of user: UserID, to hash: String) async throws(StoreError) -> [SessionID]

  /// Says whether a user may sign in. Returns the sessions that this ended.
  func setDisabled(_ isDisabled: Bool, _ user: UserID) async throws(StoreError) -> [SessionID]

  /// Says until when a user may not write; `nil` for not at all.
  func setMuted(_ user: UserID, until: Timestamp?) async throws(StoreError)

  /// Those who may not write, and until when.
  func mutes() async throws(StoreError) -> [UserID: Timestamp]

  /// Takes an account's name, password and sessions away, for good. Returns what it is called from here on.
  func deleteAccount(_ user: UserID) async throws(StoreError) -> User

  /// Ends one session of a user's, or all. Returns those ended.
  func endSessions(of user: UserID, only session: SessionID?) async throws(StoreError)
    -> [SessionID]

  /// The conversations in which a user has a part.
  func conversations(of user: UserID) async throws(StoreError) -> [ConversationID]

  /// Keeps a new invite.
  func createInvite(_ invite: NewInvite) async throws(StoreError) -> Invite

  /// The invites that can be used, the newest first.
  func invites() async throws(StoreError) -> [Invite]

  /// Removes an invite; returns whether it was there.
  func revokeInvite(_ code: String) async throws(StoreError) -> Bool

  /// How much there is.
  func statistics() async throws(StoreError) -> DatabaseStatistics

  /// What was done, the newest first.
  func audit(_ query: ReadAudit) async throws(StoreError) -> [AuditRecord]
}

/// An account as operators see it.
public struct AccountRecord: Codable, Hashable, Sendable {
  public let id: UserID
  public let name: String
  public let createdAt: Timestamp
  public let lastSeen: Timestamp?
  /// Since when it may not sign in.
  public let disabledAt: Timestamp?
  /// Until when it may not write.
  public let mutedUntil: Timestamp?
  public let sessions: Int64
  public let conversations: Int64
  public let files: Int64
  /// The bytes of these files together.
  public let fileBytes: Int64
  /// Whether one of its devices is connected to this server.
  public var online: Bool

  public init(
    id: UserID, name: String, createdAt: Timestamp, lastSeen: Timestamp?, disabledAt: Timestamp?,
    mutedUntil: Timestamp?, sessions: Int64, conversations: Int64, files: Int64, fileBytes: Int64,
    online: Bool = false
  ) {
    self.id = id
    self.name = name
    self.createdAt = createdAt
    self.lastSeen = lastSeen
    self.disabledAt = disabledAt
    self.mutedUntil = mutedUntil
    self.sessions = sessions
    self.conversations = conversations
    self.files = files
    self.fileBytes = fileBytes
    self.online = online
  }

  private enum CodingKeys: String, CodingKey {
    case id, name, sessions, conversations, files, online
    case createdAt = "created_at"
    case lastSeen = "last_seen"
    case disabledAt = "disabled_at"
    case mutedUntil = "muted_until"
    case fileBytes = "file_bytes"
  }
}

/// An invite to be made.
public struct NewInvite: Hashable, Sendable {
  public let code: String
  public let uses: Int64
  /// `nil` for never.
  public let expiresAt: Timestamp?
  public let note: String

  public init(code: String, uses: Int64, expiresAt: Timestamp?, note: String) {
    self.code = code
    self.uses = uses
    self.expiresAt = expiresAt
    self.note = note
  }
}

/// A code with which accounts can be made.
public struct Invite: Codable, Hashable, Sendable {
  public let code: String
  public let usesLeft: Int64
  public let createdAt: Timestamp
  public let expiresAt: Timestamp?
  public let note: String

  public init(
    code: String, usesLeft: Int64, createdAt: Timestamp, expiresAt: Timestamp?, note: String
  ) {
    self.code = code
    self.usesLeft = usesLeft
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.note = note
  }

  private enum CodingKeys: String, CodingKey {
    case code, note
    case usesLeft = "uses_left"
    case createdAt = "created_at"
    case expiresAt = "expires_at"
  }
}

/// How much a database holds. What is costly to count is what PostgreSQL estimates.
public struct DatabaseStatistics: Codable, Hashable, Sendable {
  public let accounts: Int64
  public let sessions: Int64
  public let conversations: Int64
  /// Estimated; with those that were cleared.
  public let messages: Int64
  public let files: Int64
  public let fileBytes: Int64
  public let databaseBytes: Int64
  public let schema: Int64

  public init(
    accounts: Int64, sessions: Int64, conversations: Int64, messages: Int64, files: Int64,
    fileBytes: Int64, databaseBytes: Int64, schema: Int64
  ) {
    self.accounts = accounts
    self.sessions = sessions
    self.conversations = conversations
    self.messages = messages
    self.files = files
    self.fileBytes = fileBytes
    self.databaseBytes = databaseBytes
    self.schema = schema
  }

  private enum CodingKeys: String, CodingKey {
    case accounts, sessions, conversations, messages, files, schema
    case fileBytes = "file_bytes"
    case databaseBytes = "database_bytes"
  }
}

/// An entry of the audit as it was kept.
public struct AuditRecord: Codable, Hashable, Sendable {
  public let id: Int64
  public let at: Timestamp
  public let event: String
  public let user: UserID?
  /// What the user is called now.
  public let name: String?
  public let session: SessionID?
  public let origin: String
  public let detail: String

  public init(
    id: Int64, at: Timestamp, event: String, user: UserID?, name: String?, session: SessionID?,
    origin: String, detail: String
  ) {
    self.id = id
    self.at = at
    self.event = event
    self.user = user
    self.name = name
    self.session = session
    self.origin = origin
    self.detail = detail
  }
}
