import MartletProtocol

/// The contact list: everyone registered, with presence and unread counts.
struct ContactsState: Sendable {
  private(set) var entries: [UserID: ContactEntry] = [:]
  /// In the order shown: conversations by their newest message, then everyone else by name.
  var order: [UserID] = []
  /// What has been typed to narrow the list.
  var filter = ""
  /// Who fits the filter; `nil` without one.
  var filtered: [UserID]?
  /// Those whose place is to be found at the end of a batch; `nil` outside one.
  var unplaced: Set<UserID>?
  /// The contact that the selection bar is on.
  var selection: UserID?
  /// The first contact shown.
  var firstShown = 0
  /// Whether more of the list is on its way.
  var isLoading = false
  /// Whether the list is to be asked for again: it failed, or something came up that it must tell.
  var mustReload = false
  /// How many pages of the list have come since it was asked for.
  var pages = 0
  /// Those who have changed since they were last handed to the local history.
  private var unstored: Set<UserID> = []
  private(set) var onlineCount = 0
  private(set) var unreadTotal = 0

  /// More people than this are not taken onto the list, and no more pages are asked for in one go: a
  /// server may go on without end.
  static let maximumEntries = 100_000
  static let maximumPages = 2000

  /// Whether the list has gone on for longer than any list does.
  var isEndless: Bool { pages >= Self.maximumPages || entries.count >= Self.maximumEntries }

  subscript(user: UserID) -> ContactEntry? { entries[user] }

  /// Who is on the list as it is shown, in order.
  var shown: [UserID] { filtered ?? order }

  /// The place of a contact in `order`.
  func index(of user: UserID) -> Int? { order.firstIndex(of: user) }

  /// Changes one contact, adding it if it is new, and moves it to its place.
  mutating func update(_ user: User, _ change: (inout ContactEntry) -> Void) {
    let old = entries[user.id]
    guard old != nil || entries.count < Self.maximumEntries else { return }
    var entry = old ?? ContactEntry(user: user)
    change(&entry)
    store(entry)
    guard old.map({ !entry.isPlacedLike($0) }) ?? true else { return }
    guard unplaced == nil else {
      unplaced?.insert(user.id)
      return
    }
    if old != nil, let index = index(of: user.id) { order.remove(at: index) }
    let place = order.partitioningIndex { other in entries[other].map(entry.precedes) ?? true }
    order.insert(user.id, at: place)
    if filtered != nil { refilter() }
  }

  /// Scrolls as little as needed to show the selection in a pane of so many rows.
  mutating func reveal(rows: Int) {
    guard let selection, let index = shown.firstIndex(of: selection) else { return }
    firstShown = max(min(firstShown, index), index - rows + 1)
  }

  /// Scrolls by some places, as far as there are contacts to fill the pane.
  mutating func scroll(by step: Int, rows: Int) {
    firstShown = min(max(0, firstShown + step), max(0, shown.count - rows))
  }

  /// Who has changed since the last call.
  mutating func takeUnstored() -> Set<UserID> {
    defer { unstored = [] }
    return unstored
  }

  private mutating func store(_ entry: ContactEntry) {
    let old = entries.updateValue(entry, forKey: entry.user.id)
    let isNews = old.map { CachedContact(entry).isWorthKeeping(beside: CachedContact($0)) } ?? true
    if isNews { unstored.insert(entry.user.id) }
    onlineCount += (entry.isOnline ? 1 : 0) - (old?.isOnline == true ? 1 : 0)
    unreadTotal += entry.unread - (old?.unread ?? 0)
  }
}

/// One contact.
struct ContactEntry: Hashable, Sendable {
  var user: User {
    didSet { foldedName = user.name.searchFolded }
  }
  var isOnline = false
  var lastSeen: Timestamp?
  /// When the newest message of the direct conversation was stored; `nil` without one.
  var lastActivity: Timestamp?
  /// The direct conversation; `nil` until its first message.
  var conversation: ConversationID?
  /// The newest message of the conversation, and how far the user has read it.
  var lastSequence = MessageSequence.none
  var readSequence = MessageSequence.none
  /// Up to here the conversation was cleared.
  var clearedSequence = MessageSequence.none
  /// Messages of others past the read mark.
  var unread = 0
  /// The name to sort and to search by.
  private(set) var foldedName: String

  init(user: User) {
    self.user = user
    foldedName = user.name.searchFolded
  }

  /// Whether it stands where another stands, as far as the order goes.
  func isPlacedLike(_ other: ContactEntry) -> Bool {
    lastActivity == other.lastActivity && foldedName == other.foldedName
  }

  /// The order of the list.
  func precedes(_ other: ContactEntry) -> Bool {
    switch (lastActivity, other.lastActivity) {
    case (let mine?, let theirs?) where mine != theirs: mine > theirs
    case (.some, nil): true
    case (nil, .some): false
    default: (foldedName, user.id.rawValue) < (other.foldedName, other.user.id.rawValue)
    }
  }
}

extension Array {
  /// The first index whose element, and every later one, satisfies the predicate.
  func partitioningIndex(from start: Int = 0, where belongsAfter: (Element) -> Bool) -> Int {
    var low = start
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
