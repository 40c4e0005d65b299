public import MartletProtocol
import Synchronization

/// `user add`: makes an account, whoever else may.
public struct AddUser: AdministrationAct {
  public let name: String
  public let password: String

  public init(name: String, password: String) {
    self.name = name
    self.password = password
  }

  public func perform(by administration: Administration) async throws(RPCError) -> User {
    let user: User
    do {
      user = try await administration.chat.createAccount(name: name, password: password)
    } catch  where error.code == .nameTaken {
      throw RPCError(.nameTaken, "'\(name)', or a name that looks like it, is taken.")
    }
    await administration.record(.accountAdded, user: user.id)
    return user
  }
}

/// `user list`: a page of the accounts.
public struct ListUsers: AdministrationAct {
  /// How many accounts one answer has at most.
  public static let page = 1000

  public let after: UserID

  public init(after: UserID = UserID(0)) { self.after = after }

  public func perform(by administration: Administration) async throws(RPCError) -> [AccountRecord] {
    let accounts = try await administration.chat.asking { () async throws(StoreError) in
      try await administration.store.accounts(after: after, limit: Self.page)
    }
    return administration.chat.hub.withOnline(among: accounts.map(\.id)) { online in
      accounts.map { account in
        var account = account
        account.online = online.contains(account.id)
        return account
      }
    }
  }
}

/// `user show`: one account.
public struct ShowUser: AdministrationAct {
  public let user: String

  public init(user: String) { self.user = user }

  public func perform(by administration: Administration) async throws(RPCError) -> AccountRecord {
    try await administration.account(user)
  }
}

/// `user passwd`: sets a password, and ends all sessions.
public struct SetPassword: AdministrationAct {
  public let user: String
  public let password: String

  public init(user: String, password: String) {
    self.user = user
    self.password = password
  }

  public func perform(by administration: Administration) async throws(RPCError) -> Done {
    let chat = administration.chat
    let name = try await administration.account(user).name
    try PasswordRules.check(password, forName: name, limits: chat.limits)
    let hash = try await chat.asking { () async throws(StoreError) in
      try await chat.outside.passwords.hash(password)
    }
    let (account, ended) = try await administration.change(user, .passwordSet) {
      account throws(StoreError) in
      try await administration.store.setPassword(of: account.id, to: hash)
    }
    administration.end(
      ended, of: account.id, reason: "Your password was changed; sign in with the new one.")
    return Done()
  }
}

/// `user disable` and `user enable`: says whether somebody may sign in.
public struct SetDisabled: AdministrationAct {
  public let user: String
  public let isDisabled: Bool

  public init(user: String, isDisabled: Bool) {
    self.user = user
    self.isDisabled = isDisabled
  }

  public func perform(by administration: Administration) async throws(RPCError) -> Done {
    let (account, ended) = try await administration.change(
      user, isDisabled ? .accountDisabled : .accountEnabled
    ) { account throws(StoreError) in
      try await administration.store.setDisabled(isDisabled, account.id)
    }
    administration.end(ended, of: account.id, reason: Chat.accountDisabled.message)
    return Done()
  }
}

/// `user mute` and `user unmute`: says whether somebody may write.
public struct SetMuted: AdministrationAct {
  public let user: String
  /// For how long; for ever without.
  public let seconds: Int64?
  public let isMuted: Bool

  public init(user: String, isMuted: Bool, seconds: Int64? = nil) {
    self.user = user
    self.isMuted = isMuted
    self.seconds = seconds
  }

  public func perform(by administration: Administration) async throws(RPCError) -> Done {
    let chat = administration.chat
    let until = isMuted ? chat.outside.now().after(seconds: seconds) : nil
    let (account, _) = try await administration.change(
      user, isMuted ? .accountMuted : .accountUnmuted, detail: until.map { "until \($0)" } ?? ""
    ) { account throws(StoreError) in
      try await administration.store.setMuted(account.id, until: until)
    }
    chat.mutes.withLock { $0[account.id] = until }
    return Done()
  }
}

/// `user delete`: takes an account away, for good.
public struct DeleteUser: AdministrationAct {
  public let user: String
  /// Whether what was written with others goes, too, for them as well.
  public let withConversations: Bool

  public init(user: String, withConversations: Bool) {
    self.user = user
    self.withConversations = withConversations
  }

  public func perform(by administration: Administration) async throws(RPCError) -> Done {
    let (chat, store) = (administration.chat, administration.store)
    let account = try await administration.account(user)
    // Nothing is written any more to what is cleared.
    let ended = try await chat.asking { () async throws(StoreError) in
      try await store.setDisabled(true, account.id)
    }
    administration.end(ended, of: account.id, reason: "This account was deleted.")
    if withConversations {
      let conversations = try await chat.asking { () async throws(StoreError) in
        try await store.conversations(of: account.id)
      }
      for conversation in conversations {
        _ = try await chat.clear(conversation, by: account.id, except: nil)
      }
    }
    let remainder = try await chat.asking { () async throws(StoreError) in
      try await store.deleteAccount(account.id)
    }
    chat.mutes.withLock { $0[account.id] = nil }
    chat.wakeCleaners()
    chat.hub.deliverToAll(chat.presence(of: remainder, online: false, lastSeen: nil))
    await administration.record(
      .accountDeleted, user: account.id, detail: withConversations ? "with conversations" : "")
    return Done()
  }
}

/// `user sessions`: the devices on which somebody is signed in.
public struct ListUserSessions: AdministrationAct {
  public let user: String

  public init(user: String) { self.user = user }

  public func perform(
    by administration: Administration
  ) async throws(RPCError) -> [SessionSummary] {
    let account = try await administration.account(user)
    return try await administration.chat.sessions(of: account.id, current: nil)
  }
}

/// `user sign-out`: ends one session of somebody's, or all.
public struct EndUserSessions: AdministrationAct {
  public let user: String
  public let session: SessionID?

  public init(user: String, session: SessionID?) {
    self.user = user
    self.session = session
  }

  public func perform(by administration: Administration) async throws(RPCError) -> Int {
    let account = try await administration.account(user)
    let ended = try await administration.chat.asking { () async throws(StoreError) in
      try await administration.store.endSessions(of: account.id, only: session)
    }
    guard session == nil || !ended.isEmpty else {
      throw RPCError(.unknownSession, "'\(account.name)' has no such session.")
    }
    await administration.record(.sessionsEnded, user: account.id)
    administration.end(
      ended, of: account.id, reason: "You have been signed out by whoever runs this server.")
    return ended.count
  }
}

extension Timestamp {
  /// The moment after some seconds; the last that there is without.
  func after(seconds: Int64?) -> Timestamp {
    guard let seconds else { return Timestamp(milliseconds: .max) }
    let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow ? Timestamp(milliseconds: .max) : advanced(byMilliseconds: milliseconds)
  }
}
