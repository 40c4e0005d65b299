import Logging
public import MartletProtocol

extension Chat {
  /// Answers `session.list`.
  public func listSessions(as signedIn: SignedIn) async throws(RPCError) -> ListSessions.Reply {
    ListSessions.Reply(
      sessions: try await sessions(of: signedIn.user.id, current: signedIn.session))
  }

  func sessions(
    of user: UserID, current: SessionID?
  ) async throws(RPCError) -> [SessionSummary] {
    let sessions = try await asking { () async throws(StoreError) in
      try await outside.sessions.sessions(of: user)
    }
    let connected = hub.sessions(of: user)
    return sessions.map { session in
      SessionSummary(
        id: session.id, device: session.device, createdAt: session.createdAt,
        lastUsedAt: session.lastUsedAt, online: connected.contains(session.id),
        current: session.id == current)
    }
  }

  /// Answers `session.revoke`: the token is void and the session's connections are closed.
  public func revoke(_ request: RevokeSession, as signedIn: SignedIn) async throws(RPCError) -> Done
  {
    let unknown = RPCError(
      .unknownSession, "You have no other session with that number; list them again.")
    guard request.session != signedIn.session else { throw unknown }
    let wasThere = try await asking { () async throws(StoreError) in
      try await outside.sessions.endSession(request.session, of: signedIn.user.id)
    }
    // Also when it was not there: an earlier request may have ended it whose answer the database's
    // connection did not live to give, and the device would stay connected.
    hub.end(
      request.session, of: signedIn.user.id,
      reason: "You have been signed out from another device.")
    guard wasThere else { throw unknown }
    outside.logger.info(
      "session revoked",
      metadata: ["user": "\(signedIn.user.id)", "session": "\(request.session)"])
    await record(AuditEntry(.sessionRevoked, user: signedIn.user.id, session: request.session))
    return Done()
  }

  private static let wrongCurrentPassword = RPCError(
    .wrongCredentials, "The current password is wrong.")

  /// Answers `account.change_password`, and ends the user's other sessions.
  ///
  /// The new password is hashed whether the current one is right or not: the time taken tells nothing.
  public func changePassword(
    _ request: ChangePassword, as signedIn: SignedIn
  ) async throws(RPCError) -> Done {
    let user = signedIn.user
    try PasswordRules.check(request.newPassword, forName: user.name, limits: limits)
    guard request.currentPassword.utf8.count <= PasswordRules.maximumBytes else {
      throw Self.wrongCurrentPassword
    }
    return try await attempting(user.name, from: .session(signedIn.session)) {
      () async throws(RPCError) in try await change(request, as: signedIn)
    }
  }

  private func change(
    _ request: ChangePassword, as signedIn: SignedIn
  ) async throws(RPCError) -> Done {
    let user = signedIn.user
    let wrong = Self.wrongCurrentPassword
    let (credentials, verdict, hash) = try await asking { () async throws(StoreError) in
      let credentials = try await outside.accounts.credentials(ofName: user.name)
      let verdict = try await outside.passwords.verify(
        request.currentPassword, against: credentials?.passwordHash)
      let hash = try await outside.passwords.hash(request.newPassword)
      return (credentials, verdict, hash)
    }
    guard let credentials else { throw wrong }
    switch verdict {
    case .wrong:
      outside.logger.info(
        "password not changed", metadata: ["reason": "wrong password", "user": "\(user.id)"])
      await record(
        AuditEntry(
          .passwordNotChanged, user: user.id, session: signedIn.session, detail: "wrong password"))
      throw wrong
    case .right, .rightButOutdated: break
    }
    // Should the database lose the connection after it has committed, only these are known.
    let connected = hub.sessions(of: user.id)
    let ended = try await asking { () async throws(StoreError) in
      do throws(StoreError) {
        return try await outside.accounts.changePassword(
          of: user.id, from: credentials.passwordHash, to: hash, keeping: signedIn.session)
      } catch {
        // It may have committed all the same: the others come back, if their tokens still count.
        for session in connected where session != signedIn.session {
          hub.disconnect(session, of: user.id)
        }
        throw error
      }
    }
    guard let ended else { throw wrong }
    outside.logger.info(
      "password changed",
      metadata: ["user": "\(user.id)", "session": "\(signedIn.session)"])
    for session in connected.union(ended) where session != signedIn.session {
      hub.end(session, of: user.id, reason: "Your password was changed; sign in with the new one.")
    }
    await record(AuditEntry(.passwordChanged, user: user.id, session: signedIn.session))
    return Done()
  }
}
