import Logging
public import MartletProtocol

extension Chat {
  /// A connection has signed in: from now on it gets its pushes, and others see its user online.
  public func connected(_ mailbox: any Mailbox, as signedIn: SignedIn) {
    hub.join(
      mailbox, as: signedIn,
      announcing: presence(of: signedIn.user, online: true, lastSeen: nil))
  }

  /// A connection has gone, for whatever reason.
  public func disconnected(_ mailbox: any Mailbox, as signedIn: SignedIn) async {
    let now = outside.now()
    let wasLast = hub.leave(
      mailbox, as: signedIn.user.id, at: now,
      announcing: presence(of: signedIn.user, online: false, lastSeen: now))
    guard wasLast else { return }
    do {
      try await outside.accounts.recordLastSeen(signedIn.user.id, at: now)
    } catch {
      // Everyone connected was told; only those who ask later see an older time.
      outside.logger.notice(
        "could not record when somebody was last seen", metadata: ["user": "\(signedIn.user.id)"])
    }
  }

  /// Answers `presence.watch`, but for who is online: see ``watch(_:_:as:from:_:)``.
  public func presences(
    _ request: WatchPresence
  ) async throws(RPCError) -> WatchPresence.Reply {
    guard request.users.count <= WatchPresence.maximumUsers else {
      throw RPCError(
        .invalidParameters, "'users' has at most \(WatchPresence.maximumUsers) entries.")
    }
    let known = try await asking { () async throws(StoreError) in
      try await outside.accounts.presences(of: request.users)
    }
    let byUser = Dictionary(known.map { ($0.user, $0) }, uniquingKeysWith: { first, _ in first })
    var seen: Set<UserID> = []
    return WatchPresence.Reply(
      presences: request.users.compactMap { seen.insert($0).inserted ? byUser[$0] : nil })
  }

  /// From now on the connection hears of those asked for only. Fills in who is online, and runs `body`
  /// before that can change, like ``withPresence(_:_:)``.
  public func watch(
    _ request: WatchPresence, _ reply: WatchPresence.Reply, as signedIn: SignedIn,
    from mailbox: any Mailbox, _ body: (WatchPresence.Reply) -> Void
  ) {
    hub.watch(Set(request.users), by: mailbox, of: signedIn.user.id) { online in
      body(
        WatchPresence.Reply(
          presences: reply.presences.map { presence in
            guard online.contains(presence.user) else { return presence }
            return Presence(user: presence.user, online: true, lastSeen: nil)
          }))
    }
  }

  func presence(of user: User, online: Bool, lastSeen: Timestamp?) -> OutgoingPush {
    OutgoingPush(
      PresencePush(user: user, online: online, lastSeen: lastSeen), isEphemeral: false)
  }

  /// Answers `typing`: tells the other members, if they can be told at once.
  public func notifyTyping(
    _ request: NotifyTyping, as signedIn: SignedIn, from mailbox: any Mailbox
  ) async throws(RPCError) -> Done {
    let members = try await membersIncluding(signedIn.user.id, of: request.conversation)
    let push = TypingPush(conversation: request.conversation, user: signedIn.user.id)
    hub.deliver(
      OutgoingPush(push, isEphemeral: true),
      to: members.filter { $0 != signedIn.user.id }, except: mailbox)
    return Done()
  }
}
