import MartletProtocol
import ServerCore

/// The stores over PostgreSQL, one extension per protocol.
struct PostgresStore: Sendable {
  let pool: PostgresPool

  func run<Statement: PostgresStatement & Sendable>(
    _ statement: Statement
  ) async throws(StoreError) -> [Statement.Row] where Statement.Row: Sendable {
    try await pool.run { connection throws(PostgresError) in try connection.execute(statement) }
  }

  private func one<Statement: PostgresStatement & Sendable>(
    _ statement: Statement
  ) async throws(StoreError) -> Statement.Row where Statement.Row: Sendable {
    guard let row = try await run(statement).first else {
      throw .failed(cause: "\(Statement.self) answered nothing")
    }
    return row
  }

  /// Whether the database has the schema that is served from, all of it.
  func hasSchema() async throws(StoreError) -> Bool {
    try await one(HasSchema(number: Migrator.newest))
  }
}

extension PostgresStore: IdentityStore {
  func serverIdentity() async throws(StoreError) -> ServerIdentity {
    try await one(ReadServerIdentity())
  }
}

extension PostgresStore {
  /// The identity of the database, in a new epoch if it was restored; see `M0004_epochs.sql`.
  ///
  /// - Parameter home: what ``PrivateCluster/home`` says; 0 for a database that is not martletd's own.
  func recognize(at home: Int64) async throws(StoreError) -> ServerIdentity {
    try await pool.run { connection throws(PostgresError) in
      try Self.recognize(connection, at: home).identity
    }
  }

  /// Looks first, and writes only what is new: this is asked every few seconds.
  static func recognize(
    _ connection: PostgresConnection, at home: Int64
  ) throws(PostgresError) -> (identity: ServerIdentity, isNew: Bool) {
    if let seen = try connection.execute(LookAtServer(home: home)).first, seen.hasMoved == false {
      return (seen.identity, false)
    }
    guard let recognized = try connection.execute(RecognizeServer(home: home)).first else {
      throw PostgresError(kind: .unexpectedAnswer, cause: "the database has lost its identity")
    }
    return recognized
  }
}

extension PostgresStore: AccountStore {
  func normalizedName(_ name: String) async throws(StoreError) -> String {
    try await one(NormalizeName(name: name))
  }

  func createAccount(
    name: String, passwordHash: String, invite: String?
  ) async throws(StoreError) -> CreatedAccount {
    let create = CreateAccount(name: name, passwordHash: passwordHash)
    return try await pool.run { connection throws(PostgresError) in
      do throws(PostgresError) {
        // An invite is not used by an account that is not made.
        return try connection.transaction { () throws(PostgresError) in
          if let invite, try connection.execute(UseInvite(code: invite)).isEmpty {
            return .invalidInvite
          }
          guard let user = try connection.execute(create).first else {
            throw PostgresError(kind: CreateAccount.nameTaken, cause: "")
          }
          return .created(user)
        }
      } catch {
        guard error.kind == CreateAccount.nameTaken else { throw error }
        return .nameTaken
      }
    }
  }

  func hasInvite(_ code: String) async throws(StoreError) -> Bool {
    try await !run(FindInvite(code: code)).isEmpty
  }

  func credentials(ofName name: String) async throws(StoreError) -> Credentials? {
    try await run(FindCredentials(name: name)).first
  }

  func replacePasswordHash(
    of user: UserID, from oldHash: String, to newHash: String
  ) async throws(StoreError) {
    _ = try await run(ReplacePasswordHash(user: user, oldHash: oldHash, newHash: newHash))
  }

  func changePassword(
    of user: UserID, from oldHash: String, to newHash: String, keeping session: SessionID
  ) async throws(StoreError) -> [SessionID]? {
    try await pool.run { connection throws(PostgresError) in
      try connection.transaction { () throws(PostgresError) -> [SessionID]? in
        let change = ChangePasswordHash(user: user, oldHash: oldHash, newHash: newHash)
        guard try connection.execute(change).first != nil else { return nil }
        return try connection.execute(EndOtherSessions(user: user, kept: session))
      }
    }
  }

  func presences(of users: [UserID]) async throws(StoreError) -> [Presence] {
    try await run(ListLastSeen(users: users))
  }

  func recordLastSeen(_ user: UserID, at time: Timestamp) async throws(StoreError) {
    _ = try await run(RecordLastSeen(user: user, time: time))
  }
}

extension PostgresStore: SessionStore {
  func createSession(
    user: UserID, passwordHash: String, tokenHash: [UInt8], device: String
  ) async throws(StoreError) -> SessionID? {
    try await run(
      CreateSession(
        user: user, passwordHash: passwordHash, tokenHash: tokenHash, device: device)
    ).first
  }

  func session(withTokenHash tokenHash: [UInt8]) async throws(StoreError) -> SignedIn? {
    try await run(UseSession(tokenHash: tokenHash)).first
  }

  func endSession(_ session: SessionID) async throws(StoreError) {
    _ = try await run(EndSession(session: session))
  }

  func endSession(_ session: SessionID, of user: UserID) async throws(StoreError) -> Bool {
    try await !run(EndSessionOfUser(session: session, user: user)).isEmpty
  }

  func sessions(of user: UserID) async throws(StoreError) -> [StoredSession] {
    try await run(ListSessionsOfUser(user: user))
  }
}

extension PostgresStore: ConversationStore {
  func contacts(
    of user: UserID, after: UserID, limit: Int
  ) async throws(StoreError) -> [Contact] {
    try await run(ListContactsOfUser(user: user, after: after, limit: limit))
  }

  func recentContacts(of user: UserID, limit: Int) async throws(StoreError) -> [Contact] {
    try await run(ListRecentContacts(user: user, limit: limit))
  }

  func conversations(
    of user: UserID, notAt cursors: [Resume.Cursor], limit: Int
  ) async throws(StoreError) -> [ConversationSummary] {
    try await run(ListConversationsNotAt(user: user, cursors: cursors, limit: limit))
      .compactMap { $0 }
  }

  func directConversation(
    of first: UserID, and second: UserID
  ) async throws(StoreError) -> ConversationID? {
    try await run(FindDirectConversation(low: min(first, second), high: max(first, second)))
      .first?.id
  }

  func openDirectConversation(
    of first: UserID, and second: UserID
  ) async throws(StoreError) -> OpenedConversation? {
    let (low, high) = (min(first, second), max(first, second))
    return try await pool.run { connection throws(PostgresError) in
      let find = FindDirectConversation(low: low, high: high)
      if let found = try connection.execute(find).first { return found }
      let create = CreateDirectConversation(low: low, high: high)
      if let made = try connection.execute(create).first {
        return OpenedConversation(id: made, isEmpty: true)
      }
      // Somebody else has made it meanwhile, or one of the two is not registered.
      return try connection.execute(find).first
    }
  }

  func members(of conversation: ConversationID) async throws(StoreError) -> [UserID]? {
    let marks = try await run(ListReadMarks(conversation: conversation))
    return marks.isEmpty ? nil : marks.map(\.user)
  }

  func markRead(
    _ conversation: ConversationID, by user: UserID, upTo sequence: MessageSequence
  ) async throws(StoreError) -> MessageSequence? {
    try await run(AdvanceReadMark(conversation: conversation, user: user, sequence: sequence))
      .first
  }
}
