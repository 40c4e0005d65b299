public import MartletProtocol

/// What a client holds of one conversation: everything from behind ``cleared`` up to ``cursor``.
public struct HeldConversation: Hashable, Sendable {
  /// Nothing yet.
  public init() {}

  /// The newest message held without a gap.
  public private(set) var cursor = MessageSequence.none
  /// Everything up to here is known to be cleared.
  public private(set) var cleared = MessageSequence.none
  /// The newest message known of.
  private(set) var newest = MessageSequence.none
  private var isFetching = false
  /// Asking again would bring nothing at the moment.
  private var mustWait = false

  mutating func hold(_ sequence: MessageSequence) {
    cursor = max(cursor, sequence)
    newest = max(newest, sequence)
  }

  mutating func clear(_ sequence: MessageSequence) {
    cleared = max(cleared, sequence)
    hold(sequence)
  }

  mutating func hear(of sequence: MessageSequence) { newest = max(newest, sequence) }

  /// Whether history is to be asked for now; it counts as asked.
  mutating func takeFetch() -> Bool {
    guard newest > cursor, !isFetching, !mustWait else { return false }
    isFetching = true
    return true
  }

  mutating func fetched(somethingNew: Bool) {
    isFetching = false
    mustWait = !somethingNew
  }

  mutating func disconnected() { isFetching = false }

  mutating func retry() { mustWait = false }
}
