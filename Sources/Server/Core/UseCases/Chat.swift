public import Logging
public import MartletProtocol
import Synchronization

/// What the server can do, apart from sockets and SQL: the use cases, one file per topic.
///
/// Every use case throws ``RPCError``, whose words are fit for people; causes go to the log.
public final class Chat: Sendable {
  /// Everything that the use cases need from outside.
  public struct Dependencies: Sendable {
    public var accounts: any AccountStore
    public var sessions: any SessionStore
    public var conversations: any ConversationStore
    public var search: any SearchStore
    public var attachments: any AttachmentStore
    public var identity: any IdentityStore
    public var audit: any AuditStore
    public var writer: any MessageWriter
    public var passwords: any PasswordHashing
    public var tokens: any TokenMinting
    /// Woken whenever something was removed.
    public var cleaners: [any Cleaner]
    public var peers: any Peers
    public var now: @Sendable () -> Timestamp
    /// A clock that nobody sets.
    public var uptime: @Sendable () -> ContinuousClock.Instant
    public var limits: Limits
    /// The name and version that `hello` answers with.
    public var software: String
    public var logger: Logger

    public init(
      accounts: any AccountStore, sessions: any SessionStore,
      conversations: any ConversationStore, search: any SearchStore,
      attachments: any AttachmentStore, identity: any IdentityStore, audit: any AuditStore,
      writer: any MessageWriter,
      passwords: any PasswordHashing, tokens: any TokenMinting,
      cleaners: [any Cleaner] = [], peers: any Peers = NoPeers(),
      now: @escaping @Sendable () -> Timestamp,
      uptime: @escaping @Sendable () -> ContinuousClock.Instant, limits: Limits,
      software: String, logger: Logger
    ) {
      self.accounts = accounts
      self.sessions = sessions
      self.conversations = conversations
      self.search = search
      self.attachments = attachments
      self.identity = identity
      self.audit = audit
      self.writer = writer
      self.passwords = passwords
      self.tokens = tokens
      self.cleaners = cleaners
      self.peers = peers
      self.now = now
      self.uptime = uptime
      self.limits = limits
      self.software = software
      self.logger = logger
    }
  }

  /// What an operator may change while the server runs.
  public struct Policy: Hashable, Sendable {
    /// Who may make an account.
    public var registration: Registration
    /// How many bytes the files of one account may have together.
    public var attachmentQuota: Int64
    /// For how many days it is kept who did what.
    public var auditDays: Int64

    public init(
      registration: Registration = .open, attachmentQuota: Int64 = 1_000_000_000,
      auditDays: Int64 = 90
    ) {
      self.registration = registration
      self.attachmentQuota = attachmentQuota
      self.auditDays = auditDays
    }
  }

  let outside: Dependencies
  private let currentPolicy: Mutex<Policy>
  /// Everyone connected.
  public let hub: Hub
  let directory: ConversationDirectory
  private let identity = Mutex<ServerIdentity?>(nil)
  let signInGuard = Mutex(SignInGuard())
  /// Those who may not write, and until when.
  let mutes = Mutex<[UserID: Timestamp]>([:])
  /// When it was last said that a client holds more than the database.
  let lostMessagesSaidAt = Mutex<Timestamp?>(nil)

  public init(_ dependencies: Dependencies, policy: Policy = Policy()) {
    outside = dependencies
    hub = Hub(peers: dependencies.peers)
    currentPolicy = Mutex(policy)
    directory = ConversationDirectory(store: dependencies.conversations)
  }

  /// What the server accepts.
  public var limits: Limits { outside.limits }

  /// What an operator has set; what is being done when it changes goes on under the old one.
  public var policy: Policy {
    get { currentPolicy.withLock { $0 } }
    set { currentPolicy.withLock { $0 = newValue } }
  }

  /// Answers `hello`.
  public func greet(_ hello: Hello) async throws(RPCError) -> Hello.Reply {
    guard let version = VersionRange.spoken.newestCommon(with: hello.protocol) else {
      let spoken = VersionRange.spoken
      throw RPCError(
        .unsupportedVersion,
        "This server speaks protocol versions \(spoken.oldest) to \(spoken.newest); "
          + "update the \(hello.protocol.newest < spoken.oldest ? "client" : "server").")
    }
    let identity = try await serverIdentity()
    return Hello.Reply(
      protocol: version, server: outside.software, serverID: identity.id, epoch: identity.epoch,
      time: outside.now(), limits: limits, registration: policy.registration)
  }

  /// Drops what is remembered of the database: it was restored from a backup.
  public func forgetDatabase() {
    identity.withLock { $0 = nil }
    directory.forget()
  }

  private func serverIdentity() async throws(RPCError) -> ServerIdentity {
    if let known = identity.withLock({ $0 }) { return known }
    let found = try await asking { () async throws(StoreError) in
      try await outside.identity.serverIdentity()
    }
    identity.withLock { $0 = found }
    return found
  }

  /// Takes over who may not write, and until when.
  public func mute(_ users: [UserID: Timestamp]) { mutes.withLock { $0 = users } }

  /// Writes down what was done. What it tells of has happened whether it can be written down or not.
  func record(_ entry: AuditEntry) async {
    do {
      try await outside.audit.record(entry, keepingDays: policy.auditDays)
    } catch {
      outside.logger.error(
        "could not write to the audit",
        metadata: ["event": "\(entry.event.rawValue)", "cause": "\(error)"])
    }
  }

  /// Asks a store, and says its refusals in words for people.
  func asking<Answer>(
    _ question: () async throws(StoreError) -> Answer
  ) async throws(RPCError) -> Answer {
    do {
      return try await question()
    } catch {
      throw refusal(for: error)
    }
  }

  /// What people are told of a store's refusal.
  func refusal(for error: StoreError) -> RPCError {
    switch error {
    case .unavailable:
      return RPCError(
        .unavailable, "The server cannot reach its database; it tries again by itself.",
        retryAfter: 1000)
    case .overloaded:
      return RPCError(
        .overloaded, "The server has too much to do; try again in a moment.", retryAfter: 1000)
    case .missing:
      return RPCError(.internalError, "What you asked for is no longer there.")
    case .failed(let cause):
      outside.logger.error("a store failed", metadata: ["cause": "\(cause)"])
      return RPCError(.internalError, "Something went wrong in the server; its log says what.")
    }
  }
}
