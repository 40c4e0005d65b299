import MartletProtocol
import ServerCore

extension PostgresStore: AuditStore {
  func record(_ entry: AuditEntry, keepingDays days: Int64) async throws(StoreError) {
    _ = try await run(RecordAudit(entry: entry, days: days))
  }
}

extension PostgresStore: AdministrationStore {
  func accounts(after: UserID, limit: Int) async throws(StoreError) -> [AccountRecord] {
    try await run(ListAccounts(after: after, limit: limit))
  }

  func account(named name: String) async throws(StoreError) -> AccountRecord? {
    // PostgreSQL stores no NUL: nobody is called so.
    guard !name.contains("\0") else { return nil }
    return try await run(FindAccount(name: name)).first
  }

  func setPassword(of user: UserID, to hash: String) async throws(StoreError) -> [SessionID] {
    try await endingSessions(of: user) { connection throws(PostgresError) in
      _ = try connection.execute(OverwritePasswordHash(user: user, hash: hash))
    }
  }

  func setDisabled(_ isDisabled: Bool, _ user: UserID) async throws(StoreError) -> [SessionID] {
    let set = SetUserDisabled(user: user, isDisabled: isDisabled)
    guard isDisabled else {
      _ = try await run(set)
      return []
    }
    return try await endingSessions(of: user) { connection throws(PostgresError) in
      _ = try connection.execute(set)
    }
  }

  func setMuted(_ user: UserID, until: Timestamp?) async throws(StoreError) {
    _ = try await run(SetUserMuted(user: user, until: until))
  }

  func mutes() async throws(StoreError) -> [UserID: Timestamp] {
    Dictionary(try await run(ListMutes()), uniquingKeysWith: max)
  }

  func deleteAccount(_ user: UserID) async throws(StoreError) -> User {
    try await pool.run { connection throws(PostgresError) in
      try connection.transaction { () throws(PostgresError) in
        guard let remainder = try connection.execute(EraseAccount(user: user)).first else {
          throw PostgresError(kind: .unexpectedAnswer, cause: "an account is gone")
        }
        _ = try connection.execute(EndSessionsOfUser(user: user, session: nil))
        _ = try connection.execute(DeleteUnsentAttachmentsOf(user: user))
        return remainder
      }
    }
  }

  func endSessions(
    of user: UserID, only session: SessionID?
  ) async throws(StoreError) -> [SessionID] {
    try await run(EndSessionsOfUser(user: user, session: session))
  }

  func conversations(of user: UserID) async throws(StoreError) -> [ConversationID] {
    try await run(ListConversationsOfUser(user: user))
  }

  func createInvite(_ invite: NewInvite) async throws(StoreError) -> Invite {
    guard let created = try await run(InsertInvite(invite: invite)).first else {
      throw .failed(cause: "an invite was not kept")
    }
    return created
  }

  func invites() async throws(StoreError) -> [Invite] { try await run(SelectInvites()) }

  func revokeInvite(_ code: String) async throws(StoreError) -> Bool {
    try await !run(DeleteInvite(code: code)).isEmpty
  }

  func statistics() async throws(StoreError) -> DatabaseStatistics {
    guard let counts = try await run(CountEverything()).first else {
      throw .failed(cause: "nothing was counted")
    }
    return counts
  }

  func audit(_ query: ReadAudit) async throws(StoreError) -> [AuditRecord] {
    try await run(SelectAudit(query: query))
  }

  /// Whoever signs in at the same moment has done so before, and is signed out again, or waits for the row
  /// of the account and finds it changed.
  private func endingSessions(
    of user: UserID,
    _ change: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Void
  ) async throws(StoreError) -> [SessionID] {
    try await pool.run { connection throws(PostgresError) in
      try connection.transaction { () throws(PostgresError) in
        try change(connection)
        return try connection.execute(EndSessionsOfUser(user: user, session: nil))
      }
    }
  }
}
