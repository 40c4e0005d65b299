import MartletProtocol

extension ContactsState {
  /// Narrows the list to the names that hold some letters, or have them in their order; the former come
  /// first. Nothing shows everybody.
  mutating func setFilter(_ text: String) {
    filter = text
    refilter()
    firstShown = 0
  }

  /// Finds anew who fits the filter.
  mutating func refilter() {
    let pattern = filter.searchFolded
    guard !pattern.isEmpty else {
      filtered = nil
      return
    }
    var holding: [UserID] = []
    var fitting: [UserID] = []
    for user in order {
      guard let name = entries[user]?.foldedName else { continue }
      if name.contains(pattern) {
        holding.append(user)
      } else if fuzzyScore(pattern, in: name) != nil {
        fitting.append(user)
      }
    }
    filtered = holding + fitting
  }
}
