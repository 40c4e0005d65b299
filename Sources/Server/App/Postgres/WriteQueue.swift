import MartletProtocol
import ServerCore

/// What a writer has still to store.
///
/// Messages come out in the order in which they went in, but for those of conversations that somebody
/// else has locked: they wait apart, in order, so that nobody else waits with them.
struct WriteQueue {
  struct Submission: Sendable {
    let message: NewMessage
    let completion: @Sendable (Result<StoredMessage, StoreError>) -> Void
  }

  private var ready: [Submission] = []
  private var held: [ConversationID: [Submission]] = [:]
  /// The conversations in `held`, in the order in which they are tried again.
  private var turns: [ConversationID] = []

  var count: Int { held.values.reduce(ready.count) { $0 + $1.count } }

  mutating func append(_ submission: Submission) {
    let conversation = submission.message.conversation
    if held[conversation] == nil {
      ready.append(submission)
    } else {
      held[conversation, default: []].append(submission)
    }
  }

  /// Takes out what can be stored, at most so much; empty when there is nothing but what is held.
  mutating func takeReady(atMost limit: Int) -> [Submission] {
    defer { ready.removeFirst(min(limit, ready.count)) }
    return Array(ready.prefix(limit))
  }

  /// Takes out the first messages, at most so many, of the held conversation whose turn it is to be tried
  /// again; empty when none is held.
  mutating func takeHeld(atMost limit: Int) -> [Submission] {
    guard let turn = turns.first, let waiting = held[turn] else { return [] }
    turns.removeFirst()
    held[turn] = Array(waiting.dropFirst(limit))
    return Array(waiting.prefix(limit))
  }

  /// Puts back what could not be stored, and holds everything that comes in the same conversations.
  mutating func hold(_ submissions: [Submission]) {
    // As after nearly every batch: what waits is not looked through.
    guard !submissions.isEmpty else { return }
    let conversations = Dictionary(grouping: submissions, by: \.message.conversation)
    let behind = ready.filter { conversations[$0.message.conversation] != nil }
    ready.removeAll { conversations[$0.message.conversation] != nil }
    for (conversation, first) in conversations {
      held[conversation] = first + (held[conversation] ?? [])
      if !turns.contains(conversation) { turns.append(conversation) }
    }
    for submission in behind { append(submission) }
  }

  /// Holds nothing any more: one conversation was free again, so the others may be.
  mutating func release() {
    ready = held.values.flatMap(\.self) + ready
    held = [:]
    turns = []
  }
}
