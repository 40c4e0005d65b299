import Logging
public import MartletProtocol

extension Chat {
  /// Answers `conversation.clear`, and tells every member's other devices.
  ///
  /// Pushes of messages may pass that of the clearing in either direction: places are not given
  /// twice, so everyone knows by its place whether a message is gone. An empty conversation is told
  /// of again, too: the server may have been killed between the commit and the telling.
  public func clearHistory(
    _ request: ClearHistory, as signedIn: SignedIn, from mailbox: any Mailbox
  ) async throws(RPCError) -> ClearHistory.Reply {
    _ = try await membersIncluding(signedIn.user.id, of: request.conversation)
    let sequence = try await clear(request.conversation, by: signedIn.user.id, except: mailbox)
    return ClearHistory.Reply(sequence: sequence)
  }

  func clear(
    _ conversation: ConversationID, by user: UserID, except mailbox: (any Mailbox)?
  ) async throws(RPCError) -> MessageSequence {
    let members = try await membersIncluding(user, of: conversation)
    let cleared = try await asking { () async throws(StoreError) in
      try await outside.conversations.clear(conversation)
    }
    guard let sequence = cleared else { throw Self.unknownConversation }
    outside.logger.info(
      "history cleared",
      metadata: ["user": "\(user)", "conversation": "\(conversation)"])
    hub.deliver(
      OutgoingPush(
        ClearedPush(conversation: conversation, by: user, sequence: sequence)),
      to: members, except: mailbox)
    wakeCleaners()
    await record(
      AuditEntry(.historyCleared, user: user, detail: "conversation \(conversation)"))
    return sequence
  }
}
