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
      mailbox, as: signedIn.user.id,
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
