import MartletProtocol

// Presence of those whom the client shows or talks to, and of nobody else.
extension AppState {
  /// How many are watched at the most.
  static let maximumWatched = 500

  /// Whether the presence of everyone on the list is known.
  var knowsAllPresence: Bool { !canWatch || chat.contacts.order.count <= Self.maximumWatched }

  /// Tells the server whom to watch when that has changed, about once a second at the most.
  mutating func watchPresence() -> [Effect] {
    guard isOnline, canWatch, screen == .chat, !isWatchTimerRunning else { return [] }
    let wanted = usersToWatch
    guard wanted != watched, !wanted.isEmpty || watched != nil else { return [] }
    watched = wanted
    isWatchTimerRunning = true
    return [.watchPresence(wanted), .schedule(.watch, afterMilliseconds: 1000)]
  }

  /// In ascending order, so that sets compare.
  private var usersToWatch: [UserID] {
    let contacts = chat.contacts
    guard contacts.order.count > Self.maximumWatched else {
      return contacts.order.sorted { $0.rawValue < $1.rawValue }
    }
    var users: Set<UserID> = []
    func add(_ more: some Sequence<UserID>) {
      for user in more {
        guard users.count < Self.maximumWatched else { return }
        users.insert(user)
      }
    }
    add([chat.openContact].compactMap { $0 })
    if case .switcher(let switcher) = overlay { add(switcher.matches) }
    // What is in sight, and as much above and below.
    let rows = contactRows
    let shown = contacts.shown
    let first = max(0, min(contacts.firstShown, shown.count - rows))
    add(shown[max(0, first - rows)..<min(shown.count, first + 2 * rows)])
    // Those with conversations come first in the list.
    add(contacts.order.prefix { contacts[$0]?.lastActivity != nil })
    return users.sorted { $0.rawValue < $1.rawValue }
  }

  mutating func presencesLoaded(_ reply: WatchPresence.Reply) {
    for presence in reply.presences {
      guard let entry = chat.contacts[presence.user] else { continue }
      presenceChanged(entry.user, online: presence.online, lastSeen: presence.lastSeen)
    }
  }

  /// What cannot be done now is tried again with the next change; a server that knows nothing of it
  /// tells of everybody.
  mutating func watchFailed(_ failure: RequestFailure) -> [Effect] {
    if failure.isPassing { watched = nil } else { canWatch = false }
    return []
  }
}
