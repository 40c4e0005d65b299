/// The texts sent from one input line, for going back to.
struct InputHistory: Hashable, Sendable {
  private var entries: [String] = []
  /// The entry shown; the count of entries stands for the text being written.
  private var position = 0
  /// What was being written when going back began.
  private var unfinished = ""

  private static let capacity = 200

  /// Remembers a text and leaves the history.
  mutating func add(_ text: String) {
    if entries.last != text { entries.append(text) }
    if entries.count > Self.capacity { entries.removeFirst() }
    leave()
  }

  /// Forgets where in the history one was.
  mutating func leave() {
    position = entries.count
    unfinished = ""
  }

  /// The entry before the one shown; `nil` at the oldest.
  mutating func previous(current: String) -> String? {
    guard position > 0 else { return nil }
    if position == entries.count { unfinished = current }
    position -= 1
    return entries[position]
  }

  /// The entry after the one shown, at last the unfinished text; `nil` when that is shown already.
  mutating func next() -> String? {
    guard position < entries.count else { return nil }
    position += 1
    return position == entries.count ? unfinished : entries[position]
  }
}
