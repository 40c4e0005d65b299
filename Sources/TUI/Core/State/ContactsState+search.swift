import MartletProtocol

extension ContactsState {
  /// The contact of a name, written in any case.
  func find(_ name: String) -> UserID? {
    let folded = name.searchFolded
    return order.first { entries[$0]?.foldedName == folded }
  }

  /// Names that begin with some letters, in the order of the list.
  func names(startingWith start: String, limit: Int) -> [String] {
    let folded = start.searchFolded
    return Array(
      order.lazy.compactMap { entries[$0] }.filter { $0.foldedName.hasPrefix(folded) }
        .map(\.user.name).prefix(limit))
  }

  /// The contacts that fit a pattern best; those of the list's beginning for an empty one.
  func bestMatches(for pattern: String, limit: Int) -> [UserID] {
    guard !pattern.isEmpty else { return Array(order.prefix(limit)) }
    let scored = order.enumerated().compactMap { place, user in
      entries[user].flatMap { fuzzyScore(pattern, in: $0.foldedName) }.map { (user, $0, place) }
    }
    return scored.sorted { ($1.1, $0.2) < ($0.1, $1.2) }.prefix(limit).map(\.0)
  }
}
