public import MartletProtocol

extension Chat {
  /// Answers `contacts.list`, but for presence: see ``withPresence(_:_:)``.
  public func listContacts(
    _ request: ListContacts, as signedIn: SignedIn
  ) async throws(RPCError) -> ListContacts.Reply {
    if request.recent == true {
      let contacts = try await asking { () async throws(StoreError) in
        try await outside.conversations.recentContacts(
          of: signedIn.user.id, limit: clamped(request.limit))
      }
      return ListContacts.Reply(contacts: contacts, next: nil)
    }
    let after: UserID
    if let cursor = request.after {
      guard let number = Int64(cursor) else {
        throw RPCError(.invalidParameters, "'after' is the 'next' of an earlier page.")
      }
      after = UserID(number)
    } else {
      after = UserID(0)
    }
    let limit = clamped(request.limit)
    // One more than asked tells whether there is another page.
    var contacts = try await asking { () async throws(StoreError) in
      try await outside.conversations.contacts(
        of: signedIn.user.id, after: after, limit: limit + 1)
    }
    let more = contacts.count > limit
    if more { contacts.removeLast() }
    return ListContacts.Reply(
      contacts: contacts, next: more ? contacts.last?.user.id.description : nil)
  }

  /// Fills in who is online, and runs `body` before anybody's presence can change: a reply queued
  /// there cannot overtake the push of a later change, nor be overtaken by an earlier one.
  public func withPresence(
    _ page: ListContacts.Reply, _ body: (ListContacts.Reply) -> Void
  ) {
    hub.withOnline(among: page.contacts.map(\.user.id)) { online in
      let contacts = page.contacts.map { contact in
        guard online.contains(contact.user.id) else { return contact }
        return Contact(
          user: contact.user, online: true, lastSeen: nil, conversation: contact.conversation)
      }
      body(ListContacts.Reply(contacts: contacts, next: page.next))
    }
  }

  /// Answers `conversation.history`.
  public func history(
    _ request: FetchHistory, as signedIn: SignedIn
  ) async throws(RPCError) -> FetchHistory.Reply {
    guard let conversation = try await existing(request.target, for: signedIn.user.id) else {
      return FetchHistory.Reply(conversation: nil, messages: [], more: false, reads: [])
    }
    let page = try await asking { () async throws(StoreError) in
      try await outside.conversations.history(
        of: conversation, anchor: request.anchor, limit: clamped(request.limit),
        maximumBytes: limits.serverFrameBytes / 4)
    }
    return FetchHistory.Reply(
      conversation: conversation, messages: page.messages, more: page.more, reads: page.reads)
  }

  /// Answers `conversation.mark_read`, and tells every member's other devices when it moved.
  public func markRead(
    _ request: MarkRead, as signedIn: SignedIn, from mailbox: any Mailbox
  ) async throws(RPCError) -> Done {
    let members = try await membersIncluding(signedIn.user.id, of: request.conversation)
    let moved = try await asking { () async throws(StoreError) in
      try await outside.conversations.markRead(
        request.conversation, by: signedIn.user.id, upTo: request.sequence)
    }
    if let sequence = moved {
      let push = ReadPush(
        conversation: request.conversation, user: signedIn.user.id, sequence: sequence)
      hub.deliver(OutgoingPush(push), to: members, except: mailbox)
    }
    return Done()
  }

  /// The conversation meant, if it exists and the user is in it.
  ///
  /// A conversation that one is not in and one that does not exist get the same words.
  func existing(
    _ target: Target, for user: UserID
  ) async throws(RPCError) -> ConversationID? {
    switch target {
    case .conversation(let conversation):
      _ = try await membersIncluding(user, of: conversation)
      return conversation
    case .user(let other):
      return try await asking { () async throws(StoreError) in
        try await directory.direct(of: user, and: other)
      }
    }
  }

  func membersIncluding(
    _ user: UserID, of conversation: ConversationID
  ) async throws(RPCError) -> [UserID] {
    let members = try await asking { () async throws(StoreError) in
      try await directory.members(of: conversation)
    }
    guard let members, members.contains(user) else { throw Self.unknownConversation }
    return members
  }

  static let unknownConversation = RPCError(
    .unknownConversation, "There is no such conversation, or you are not in it.")

  func clamped(_ limit: Int) -> Int {
    min(max(1, limit), limits.pageEntries)
  }
}
