public import MartletProtocol
import Synchronization

extension Chat {
  /// A message whose text was checked and whose conversation was found.
  public struct AddressedMessage: Sendable {
    let message: NewMessage
    let members: [UserID]
  }

  /// Finds where a message goes without asking the database; `nil` when that is not enough, and
  /// ``address(_:as:)`` must be asked.
  public func addressFromMemory(
    _ request: SendMessage, as signedIn: SignedIn
  ) throws(RPCError) -> AddressedMessage? {
    let sender = signedIn.user.id
    let conversation: ConversationID? =
      switch request.target {
      case .conversation(let conversation): conversation
      case .user(let other): directory.rememberedDirect(of: sender, and: other)
      }
    guard let conversation,
      let members = directory.rememberedMembers(of: conversation)
    else { return nil }
    return try addressed(request, from: sender, to: conversation, members: members)
  }

  /// Finds where a message goes, and makes the direct conversation with somebody never written to.
  public func address(
    _ request: SendMessage, as signedIn: SignedIn
  ) async throws(RPCError) -> AddressedMessage {
    let sender = signedIn.user.id
    switch request.target {
    case .conversation(let conversation):
      let members = try await membersIncluding(sender, of: conversation)
      return try addressed(request, from: sender, to: conversation, members: members)
    case .user(let other):
      guard other != sender else {
        throw RPCError(.unknownUser, "You cannot write to yourself.")
      }
      // Checked before the conversation is made, which a refused message must not leave behind.
      try checkMute(of: sender)
      _ = try normalizedText(of: request)
      try await checkAttachment(of: request, from: sender, to: other)
      let opened = try await asking { () async throws(StoreError) in
        try await directory.openDirect(of: sender, and: other)
      }
      guard let opened else { throw RPCError(.unknownUser, "There is no such user.") }
      let members = [min(sender, other), max(sender, other)]
      if opened.isEmpty {
        // By everyone who finds it so: two who write to each other at the same moment must both be
        // told before the first message of either, and telling twice does no harm.
        hub.deliver(
          OutgoingPush(ConversationPush(conversation: opened.id, members: members)), to: members)
      }
      return try addressed(request, from: sender, to: opened.id, members: members)
    }
  }

  private func addressed(
    _ request: SendMessage, from sender: UserID, to conversation: ConversationID,
    members: [UserID]
  ) throws(RPCError) -> AddressedMessage {
    guard members.contains(sender) else { throw Self.unknownConversation }
    try checkMute(of: sender)
    return AddressedMessage(
      message: NewMessage(
        conversation: conversation, sender: sender, key: request.key,
        text: try normalizedText(of: request), attachment: request.attachment),
      members: members)
  }

  private func checkMute(of sender: UserID) throws(RPCError) {
    guard let end = mutes.withLock({ $0[sender] }) else { return }
    let left = end.milliseconds(since: outside.now())
    guard left > 0 else { return }
    // Not to be tried again by itself: whoever wrote it will say something else by then.
    throw RPCError(
      .muted,
      "Whoever runs this server has muted you"
        + (left > Self.longestToldMute ? "." : "; you can write again after \(end)."))
  }

  /// Beyond, an end says nothing, in milliseconds: ten years.
  private static let longestToldMute: Int64 = 10 * 365 * 86_400_000

  private func normalizedText(of request: SendMessage) throws(RPCError) -> String {
    try MessageText.normalized(
      request.text, limits: limits, mayBeEmpty: request.attachment != nil)
  }

  /// Refuses a first message to somebody for its attachment, before there is a conversation. Where
  /// there is one the writer decides: a message that is sent again after its attachment was cleared is
  /// to be answered as the first time.
  private func checkAttachment(
    of request: SendMessage, from sender: UserID, to other: UserID
  ) async throws(RPCError) {
    guard let id = request.attachment else { return }
    let upload = try await asking { () async throws(StoreError) -> Upload?? in
      guard try await directory.direct(of: sender, and: other) == nil else { return nil }
      return .some(try await outside.attachments.upload(id, of: sender))
    }
    if let upload, upload?.attachment == nil { throw Self.unknownAttachment }
  }

  /// Makes a message durable, then answers, then tells the members' other devices. Returns at once;
  /// `answer` is called on any thread. Messages submitted in order are stored in that order.
  ///
  /// A resent message is told to others again: the server may have been killed between the commit
  /// and the telling. Receivers know a message they hold by its sequence.
  public func send(
    _ addressed: AddressedMessage, from mailbox: any Mailbox,
    answer: @escaping @Sendable (Result<SendMessage.Reply, RPCError>) -> Void
  ) {
    outside.writer.submit(addressed.message) { [self] result in
      switch result {
      case .failure(.missing):
        answer(.failure(Self.unknownAttachment))
      case .failure(let error):
        answer(.failure(refusal(for: error)))
      case .success(let stored):
        answer(
          .success(
            SendMessage.Reply(
              conversation: stored.conversation, sequence: stored.sequence,
              sentAt: stored.sentAt)))
        // A key that its sender has used in another conversation names the message there, which is
        // none of these members' business.
        guard stored.conversation == addressed.message.conversation,
          let message = stored.message
        else { return }
        hub.deliver(message, to: addressed.members, except: mailbox)
      }
    }
  }
}
