import MartletProtocol

extension ContactsState {
  /// Holds back the ordering: until `endBatch`, `order` is as it was. A page of 200 among 10,000 is
  /// put in place at once instead of one by one.
  mutating func beginBatch() {
    unplaced = unplaced ?? []
  }

  /// Puts those who have changed since `beginBatch` in their places.
  mutating func endBatch() {
    guard let unplaced, !unplaced.isEmpty else {
      self.unplaced = nil
      return
    }
    self.unplaced = nil
    let moving = unplaced.compactMap { entries[$0] }.sorted { $0.precedes($1) }
    let staying = order.filter { !unplaced.contains($0) }
    var merged: [UserID] = []
    merged.reserveCapacity(staying.count + moving.count)
    var start = 0
    for entry in moving {
      let end = staying.partitioningIndex(from: start) { other in
        entries[other].map(entry.precedes) ?? true
      }
      merged += staying[start..<end]
      merged.append(entry.user.id)
      start = end
    }
    merged += staying[start...]
    order = merged
    refilter()
  }
}
