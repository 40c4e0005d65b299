import CoreMetrics
import Logging
public import MartletProtocol
import Synchronization

extension Chat {
  /// Answers `account.register`, and tells everyone of the new account.
  public func register(
    _ request: RegisterAccount, from origin: Origin
  ) async throws(RPCError) -> RegisterAccount.Reply {
    let invite: String?
    switch policy.registration {
    case .open: invite = nil
    case .invite:
      guard let typed = request.invite, !typed.isEmpty else {
        throw RPCError(
          .invalidInvite, "An account here takes an invite; ask whoever runs this server for one.")
      }
      guard typed.utf8.count <= Self.maximumNameBytes else { throw Self.invalidInvite }
      invite = InviteCode.normalized(typed)
    default:
      throw RPCError(
        .registrationClosed, "This server takes no new accounts; ask whoever runs it for one.")
    }
    let user = try await createAccount(
      name: request.name, password: request.password, invite: invite, from: origin)
    Measures.registrations.increment()
    outside.logger.info("registered", metadata: ["user": "\(user.id)"])
    await record(
      AuditEntry(
        .registered, user: user.id, origin: "\(origin)",
        detail: invite.map { "invite \(InviteCode.hint($0))" } ?? ""))
    return RegisterAccount.Reply(user: user)
  }

  /// Makes an account of a name and a password that pass the rules, and tells everyone of it.
  ///
  /// - Parameter origin: whose attempts count; `nil` for those of operators, which do not.
  func createAccount(
    name: String, password: String, invite: String? = nil, from origin: Origin? = nil
  ) async throws(RPCError) -> User {
    try Self.checkLength(name)
    let normalized = try await asking { () async throws(StoreError) in
      try await outside.accounts.normalizedName(name)
    }
    try AccountName.check(normalized)
    try PasswordRules.check(password, forName: normalized, limits: limits)
    let user = try await registering(from: origin) { () async throws(RPCError) in
      // Before the password is hashed, which is work that nobody is to get for nothing.
      if let invite, try await !isValid(invite) { throw Self.invalidInvite }
      return try await store(normalized, password, invite: invite)
    }
    hub.deliverToAll(presence(of: user, online: false, lastSeen: nil))
    return user
  }

  private func store(
    _ name: String, _ password: String, invite: String?
  ) async throws(RPCError) -> User {
    let created = try await asking { () async throws(StoreError) in
      let hash = try await outside.passwords.hash(password)
      return try await outside.accounts.createAccount(
        name: name, passwordHash: hash, invite: invite)
    }
    switch created {
    case .created(let user): return user
    case .invalidInvite: throw Self.invalidInvite
    case .nameTaken:
      throw RPCError(
        .nameTaken,
        "That name, or one that looks like it, is taken; choose another, or sign in if it is yours."
      )
    }
  }

  private static let invalidInvite = RPCError(
    .invalidInvite, "That invite is not valid, or used up; ask whoever gave it to you for another.")

  /// Answers `session.login`. A wrong name and a wrong password take the same time and give the same
  /// words.
  public func login(
    _ request: Login, from origin: Origin
  ) async throws(RPCError) -> Login.Reply {
    guard request.name.utf8.count <= Self.maximumNameBytes,
      request.password.utf8.count <= PasswordRules.maximumBytes, !request.name.contains("\0")
    else { throw Self.wrongCredentials }
    return try await attempting(request.name, from: .origin(origin)) { () async throws(RPCError) in
      try await signIn(request, from: origin)
    }
  }

  private func isValid(_ invite: String) async throws(RPCError) -> Bool {
    try await asking { () async throws(StoreError) in
      try await outside.accounts.hasInvite(invite)
    }
  }

  /// Runs what makes an account, unless too many were made. Those that were not made do not count, unless
  /// somebody guesses at invites.
  private func registering<Value>(
    from origin: Origin?, _ make: () async throws(RPCError) -> Value
  ) async throws(RPCError) -> Value {
    guard let origin else { return try await make() }
    let mark = try guarded { (limits) throws(SignInGuard.TooEarly) in
      try limits.beginRegistration(from: origin, at: outside.uptime())
    }
    do throws(RPCError) {
      return try await make()
    } catch {
      if error.code != .invalidInvite {
        signInGuard.withLock { $0.abandonedRegistration(from: origin, mark) }
      }
      throw error
    }
  }

  /// Runs what checks the password of an account, unless too many have failed.
  func attempting<Value>(
    _ name: String, from place: SignInGuard.Place, _ check: () async throws(RPCError) -> Value
  ) async throws(RPCError) -> Value {
    // Folded, so that no other spelling of a name has attempts of its own.
    let folded = try await asking { () async throws(StoreError) in
      try await outside.search.folded([name])
    }
    // Folding lengthens a scalar up to threefold; what is longer is no name, and is not kept whole.
    let account = String(
      String.UnicodeScalarView(
        (folded.first ?? name).unicodeScalars.prefix(3 * AccountName.maximumScalars)))
    let attempt = try guarded { (limits) throws(SignInGuard.TooEarly) in
      try limits.begin(account, from: place, at: outside.uptime())
    }
    do throws(RPCError) {
      let value = try await check()
      signInGuard.withLock { $0.succeeded(attempt) }
      return value
    } catch {
      if error.code != .wrongCredentials { signInGuard.withLock { $0.abandoned(attempt) } }
      throw error
    }
  }

  private func guarded<Value>(
    _ begin: (inout SignInGuard) throws(SignInGuard.TooEarly) -> Value
  ) throws(RPCError) -> Value {
    do throws(SignInGuard.TooEarly) {
      return try signInGuard.withLock { (limits) throws(SignInGuard.TooEarly) in try begin(&limits)
      }
    } catch {
      Measures.tooManyAttempts.increment()
      let seconds = Int(error.wait.components.seconds) + 1
      throw RPCError(
        .tooManyAttempts, "Too many attempts; try again in \(seconds) s.",
        retryAfter: seconds * 1000)
    }
  }

  private static let wrongCredentials = RPCError(.wrongCredentials, "Wrong name or password.")

  private func signIn(
    _ request: Login, from origin: Origin
  ) async throws(RPCError) -> Login.Reply {
    let wrong = Self.wrongCredentials
    let (credentials, verdict) = try await asking { () async throws(StoreError) in
      let credentials = try await outside.accounts.credentials(ofName: request.name)
      let verdict = try await outside.passwords.verify(
        request.password, against: credentials?.passwordHash)
      return (credentials, verdict)
    }
    guard let user = credentials?.user, var passwordHash = credentials?.passwordHash else {
      Measures.unknownNames.increment()
      outside.logger.info(
        "sign-in failed", metadata: ["reason": "no such name", "from": "\(origin)"])
      await record(AuditEntry(.signInFailed, origin: "\(origin)", detail: "no such name"))
      throw wrong
    }
    switch verdict {
    case .wrong:
      Measures.wrongPasswords.increment()
      outside.logger.info(
        "sign-in failed",
        metadata: ["reason": "wrong password", "user": "\(user.id)", "from": "\(origin)"])
      await record(
        AuditEntry(.signInFailed, user: user.id, origin: "\(origin)", detail: "wrong password"))
      throw wrong
    case .right: break
    case .rightButOutdated:
      let checked = passwordHash
      passwordHash = try await asking { () async throws(StoreError) in
        let hash = try await outside.passwords.hash(request.password)
        try await outside.accounts.replacePasswordHash(of: user.id, from: checked, to: hash)
        return hash
      }
    }
    // Said only to whoever has the password.
    guard credentials?.isDisabled == false else {
      await record(
        AuditEntry(.signInFailed, user: user.id, origin: "\(origin)", detail: "disabled"))
      throw Self.accountDisabled
    }
    let (token, hash) = outside.tokens.mint()
    let checked = passwordHash
    let created = try await asking { () async throws(StoreError) in
      try await outside.sessions.createSession(
        user: user.id, passwordHash: checked, tokenHash: hash,
        device: Self.deviceName(request.device))
    }
    // The password was changed while it was being checked.
    guard let session = created else { throw wrong }
    Measures.signIns.increment()
    outside.logger.info("signed in", metadata: ["user": "\(user.id)", "session": "\(session)"])
    await record(
      AuditEntry(.signedIn, user: user.id, session: session, origin: "\(origin)"))
    return Login.Reply(token: token, session: session, user: user)
  }

  static let accountDisabled = RPCError(
    .accountDisabled, "This account is disabled; ask whoever runs this server.")

  /// Answers the first half of `session.resume`: whose token this is.
  public func signIn(withToken token: String) async throws(RPCError) -> SignedIn {
    let found = try await asking { () async throws(StoreError) in
      try await outside.sessions.session(withTokenHash: outside.tokens.hash(of: token))
    }
    guard let signedIn = found else {
      throw RPCError(.invalidToken, "You have been signed out; sign in with your password.")
    }
    return signedIn
  }

  /// Answers the second half of `session.resume`, once the connection gets its pushes: what the
  /// client has missed. What is stored between the two halves is both here and pushed.
  ///
  /// The session is looked up again: had it ended between the halves, nobody would have found this
  /// connection among those to be closed.
  public func missed(_ request: Resume) async throws(RPCError) -> Resume.Reply {
    let signedIn = try await signIn(withToken: request.token)
    let behind = try await asking { () async throws(StoreError) in
      try await outside.conversations.conversations(
        of: signedIn.user.id, notAt: request.cursors, limit: limits.pageEntries)
    }
    warn(of: behind, beyond: request.cursors, user: signedIn.user.id)
    return Resume.Reply(session: signedIn.session, user: signedIn.user, behind: behind)
  }

  /// Says it loudly when a client claims messages that the database has not: a copy of it may have been
  /// put back that shows no sign of that. One client's word begins no epoch, as everybody would load
  /// afresh by it; this client sees in `behind` that it has to.
  private func warn(
    of behind: [ConversationSummary], beyond cursors: [Resume.Cursor], user: UserID
  ) {
    let held = Dictionary(
      cursors.map { ($0.conversation, $0.sequence) }, uniquingKeysWith: { max($0, $1) })
    guard let lost = behind.first(where: { $0.lastSequence < held[$0.id] ?? .none }) else { return }
    let now = outside.now()
    let isDue = lostMessagesSaidAt.withLock { last in
      if let last, now.milliseconds(since: last) < Self.warningInterval { return false }
      last = now
      return true
    }
    guard isDue else { return }
    outside.logger.error(
      "a client holds messages that the database has not; was a copy put back, run martletd new-epoch",
      metadata: [
        "user": "\(user)", "conversation": "\(lost.id)", "stored": "\(lost.lastSequence)",
        "held": "\(held[lost.id] ?? .none)",
      ])
  }

  /// The least time between two such warnings, in milliseconds: anybody can bring one about.
  private static let warningInterval: Int64 = 60_000

  /// Answers `session.logout`: the token is void and the session's other connections are closed.
  public func logout(_ signedIn: SignedIn) async throws(RPCError) -> Done {
    try await asking { () async throws(StoreError) in
      try await outside.sessions.endSession(signedIn.session)
    }
    outside.logger.info(
      "signed out",
      metadata: ["user": "\(signedIn.user.id)", "session": "\(signedIn.session)"])
    await record(AuditEntry(.signedOut, user: signedIn.user.id, session: signedIn.session))
    return Done()
  }

  /// More bytes than any name that could pass, so that hostile lengths never reach the database.
  private static let maximumNameBytes = 1024

  private static func checkLength(_ name: String) throws(RPCError) {
    // NFKC lengthens a scalar up to eighteenfold, so the exact check comes after it. PostgreSQL
    // stores no NUL, so that is refused before.
    guard name.utf8.count <= maximumNameBytes, !name.contains("\0") else {
      throw RPCError(
        .invalidName,
        "A name may have at most \(AccountName.maximumScalars) letters, digits, '_', '-' and '.'.")
    }
  }

  /// A device's name is shown to its owner only; what does not fit is cut off.
  private static func deviceName(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.prefix(64).filter { $0.properties.generalCategory != .control }))
  }
}
