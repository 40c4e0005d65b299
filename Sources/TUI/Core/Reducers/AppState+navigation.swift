import MartletProtocol

extension AppState {
  mutating func performOnContacts(_ command: Command) -> [Effect] {
    switch command {
    case .nextConversation: return openNeighbour(1)
    case .previousConversation: return openNeighbour(-1)
    case .lastConversation: return chat.previouslyOpen.map { open($0) } ?? []
    case .nextUnread: return openNextUnread()
    case .conversation(let number):
      guard chat.contacts.order.indices.contains(number - 1) else { return [] }
      return open(.user(chat.contacts.order[number - 1]))
    case .toggleContacts: toggleContacts()
    case .selectNext: moveSelection(by: 1)
    case .selectPrevious: moveSelection(by: -1)
    case .selectPageDown: moveSelection(by: contactRows)
    case .selectPageUp: moveSelection(by: -contactRows)
    case .selectFirst: moveSelection(by: -chat.contacts.order.count)
    case .selectLast: moveSelection(by: chat.contacts.order.count)
    case .openSelected:
      guard let selection = chat.contacts.selection, chat.contacts.shown.contains(selection) else {
        return []
      }
      return open(.user(selection))
    case .shortenFilter: changeFilter(to: String(chat.contacts.filter.dropLast()))
    case .backToInput:
      guard chat.contacts.filter.isEmpty else {
        changeFilter(to: "")
        return []
      }
      chat.focus = .input
    default: break
    }
    return []
  }

  mutating func focusContacts() {
    chat.focus = .contacts
    chat.showsContacts = true
    select(chat.contacts.selection ?? chat.contacts.order.first)
  }

  private mutating func toggleContacts() {
    if size.columns >= ScreenLayout.twoPaneColumns {
      chat.showsContacts.toggle()
      if !chat.showsContacts { chat.focus = .input }
    } else if chat.focus == .contacts {
      chat.focus = .input
    } else {
      focusContacts()
    }
  }

  /// Opens the contact some places further down the list, round its ends.
  private mutating func openNeighbour(_ step: Int) -> [Effect] {
    let order = chat.contacts.order
    guard !order.isEmpty else { return [] }
    guard let current = chat.openContact.flatMap(chat.contacts.index) else {
      return open(.user(chat.contacts.selection ?? order[0]))
    }
    return open(.user(order[(current + step + order.count) % order.count]))
  }

  private mutating func openNextUnread() -> [Effect] {
    let order = chat.contacts.order
    let current = chat.openContact.flatMap(chat.contacts.index) ?? -1
    let rotated = order.dropFirst(current + 1) + order.prefix(current + 1)
    guard let next = rotated.first(where: { (chat.contacts[$0]?.unread ?? 0) > 0 }) else {
      return show(strings.noUnread)
    }
    return open(.user(next))
  }
}
