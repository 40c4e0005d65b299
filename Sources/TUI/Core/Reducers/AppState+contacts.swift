import MartletProtocol

extension AppState {
  mutating func contactsLoaded(_ page: ListContacts.Reply) -> [Effect] {
    let effects = load(page)
    guard isOnline else { return effects }
    chat.contacts.pages += 1
    if let next = page.next, !page.contacts.isEmpty, !chat.contacts.isEndless {
      return effects + [.loadContacts(after: next, limit: limits.pageEntries)]
    }
    chat.contacts.isLoading = false
    return effects + (chat.contacts.mustReload ? reload() : [])
  }

  mutating func recentContactsLoaded(_ page: ListContacts.Reply) -> [Effect] { load(page) }

  private mutating func load(_ page: ListContacts.Reply) -> [Effect] {
    var effects: [Effect] = []
    chat.contacts.beginBatch()
    for contact in page.contacts where contact.user.id != user?.id { effects += load(contact) }
    chat.contacts.endBatch()
    if chat.contacts.selection == nil { chat.contacts.selection = chat.contacts.order.first }
    return effects
  }

  /// Asks for the contact list: it says where messages have been missed. Under way already, it is asked
  /// for once more at its end, as what is wanted may be on a page that has gone by.
  mutating func reload() -> [Effect] {
    chat.contacts.mustReload = chat.contacts.isLoading
    guard !chat.contacts.isLoading else { return [] }
    chat.contacts.isLoading = true
    chat.contacts.pages = 0
    return [.loadContacts(after: nil, limit: limits.pageEntries)]
  }

  mutating func contactsFailed(_ failure: RequestFailure) -> [Effect] {
    chat.contacts.isLoading = false
    guard failure.isPassing else { return [] }
    chat.contacts.mustReload = true
    return scheduleRetry(afterMilliseconds: Self.delay(after: failure))
  }

  private mutating func load(_ contact: Contact) -> [Effect] {
    chat.contacts.update(contact.user) { entry in
      entry.user = contact.user
      entry.isOnline = contact.online
      entry.lastSeen = contact.lastSeen
    }
    return contact.conversation.map { note($0, with: contact.user) } ?? []
  }

  /// Takes note of conversations that have gone on while the connection was lost, before the contact
  /// list gets to them. One that is not known waits for the list.
  mutating func note(_ behind: [ConversationSummary]) -> [Effect] {
    behind.flatMap { summary -> [Effect] in
      guard case .user(let contact)? = chat.routes[summary.id], let entry = chat.contacts[contact]
      else { return [] }
      return note(summary, with: entry.user)
    }
  }

  private mutating func note(_ summary: ConversationSummary, with contact: User) -> [Effect] {
    let target = Target.user(contact.id)
    chat.route(summary.id, to: target)
    var effects: [Effect] = []
    if let cleared = summary.clearedSequence {
      if cleared > chat.contacts[contact.id]?.clearedSequence ?? .none {
        chat.unstored.noteCleared(summary.id, through: cleared)
        effects.append(.scrubSaved)
      }
      clear(target, through: cleared)
    }
    let held = chat.conversations[target]
    chat.contacts.update(contact) { entry in
      entry.conversation = summary.id
      entry.lastSequence = max(entry.lastSequence, summary.lastSequence)
      entry.readSequence = max(
        entry.readSequence, summary.readSequence, held?.readSequence ?? .none)
      entry.lastActivity = [entry.lastActivity, summary.lastMessage?.sentAt].compactMap { $0 }.max()
      // Pushes may have overtaken the summary: what they brought is not in its count.
      let counted = max(summary.lastSequence, entry.readSequence)
      let overtaking = held?.unread(after: counted, by: user?.id) ?? 0
      entry.unread =
        entry.readSequence >= entry.lastSequence
        ? 0 : min(max(0, summary.unread), Self.maximumUnread) + overtaking
    }
    guard let held else { return effects }
    if target == chat.open, chat[target].newLineAfter == nil, summary.unread > 0 {
      chat[target].newLineAfter = max(held.readSequence, summary.readSequence)
    }
    chat[target].id = summary.id
    chat[target].requestFailed = false
    chat[target].timeline.learn(newest: summary.lastSequence)
    chat[target].readSequence = max(chat[target].readSequence, summary.readSequence)
    // A mark that was lost with the connection is set again.
    let isMarkLost = summary.unread > 0 && held.readSequence > summary.readSequence
    return isMarkLost ? effects + [.markRead(summary.id, held.readSequence)] : effects
  }

  /// A count is the server's, and may be anything.
  private static let maximumUnread = 1_000_000

  mutating func presenceChanged(_ user: User, online: Bool, lastSeen: Timestamp?) {
    guard user.id != self.user?.id else { return }
    chat.contacts.update(user) { entry in
      entry.user = user
      entry.isOnline = online
      entry.lastSeen = lastSeen ?? entry.lastSeen
    }
    if chat.contacts.selection == nil { chat.contacts.selection = user.id }
    if !online { chat.stopTyping(user.id) }
  }

  mutating func conversationCreated(_ id: ConversationID, members: [UserID]) {
    let others = members.filter { $0 != user?.id }
    // Rooms of more than two have no place on this screen yet.
    guard members.count == 2, others.count == 1, let other = others.first else { return }
    let target = Target.user(other)
    chat.route(id, to: target)
    if chat.conversations[target] != nil { chat[target].id = id }
    if let entry = chat.contacts[other] {
      chat.contacts.update(entry.user) { $0.conversation = id }
    }
  }

  /// Puts the selection on a contact and scrolls it into view.
  mutating func select(_ user: UserID?) {
    chat.contacts.selection = user
    guard let area = layout(for: size).contacts else { return }
    chat.contacts.reveal(rows: area.rows)
  }

  /// Moves the selection by some places, stopping at the ends.
  mutating func moveSelection(by step: Int) {
    let shown = chat.contacts.shown
    guard !shown.isEmpty else { return }
    let index = chat.contacts.selection.flatMap { shown.firstIndex(of: $0) } ?? 0
    select(shown[min(max(0, index + step), shown.count - 1)])
  }

  /// Narrows the list to those who fit what has been typed, the first of them selected.
  mutating func changeFilter(to text: String) {
    guard text.utf8.count <= Self.maximumFilterBytes else { return }
    chat.contacts.setFilter(text)
    if !text.isEmpty { chat.contacts.selection = chat.contacts.shown.first }
    select(chat.contacts.selection ?? chat.contacts.order.first)
  }

  /// Longer than any name.
  private static let maximumFilterBytes = 200

  var contactRows: Int { layout(for: size).contacts?.rows ?? 1 }
}
