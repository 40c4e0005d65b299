public import MartletProtocol

/// The messages that wait for their answers, in the order in which they were written.
///
/// One that was put off keeps its turn: those behind it may pass only as far as the window allows.
public struct Outbox: Sendable {
  private enum State { case waiting, sent, deferred }

  private struct Item: Sendable {
    let message: SendMessage
    var state = State.waiting
  }

  private var items: [Item] = []
  /// How many messages to one target may be on their way at a time.
  private let window: Int

  init(window: Int) {
    self.window = max(1, window)
  }

  /// How many messages wait.
  public var count: Int { items.count }

  /// The messages that wait, in order.
  public var messages: [SendMessage] { items.map(\.message) }

  mutating func append(_ message: SendMessage) {
    items.append(Item(message: message))
  }

  /// Strikes a message out; `nil` when it was not there.
  mutating func remove(_ key: IdempotencyKey) -> SendMessage? {
    items.firstIndex { $0.message.key == key }.map { items.remove(at: $0).message }
  }

  /// A message is to be sent again, after a while.
  mutating func putOff(_ key: IdempotencyKey) {
    guard let index = items.firstIndex(where: { $0.message.key == key }) else { return }
    items[index].state = .deferred
  }

  /// What was put off may go again.
  mutating func retry() { change(.deferred) }

  /// The connection is gone, and nobody knows what became of what was sent.
  mutating func disconnected() {
    change(.sent)
    change(.deferred)
  }

  private mutating func change(_ state: State) {
    for index in items.indices where items[index].state == state { items[index].state = .waiting }
  }

  /// What may go out now; it counts as sent.
  mutating func takeNext() -> [SendMessage] {
    var taken: [SendMessage] = []
    var places: [Target: Int] = [:]
    for index in items.indices {
      let target = items[index].message.target
      guard places[target, default: 0] < window else { continue }
      places[target, default: 0] += 1
      guard items[index].state == .waiting else { continue }
      items[index].state = .sent
      taken.append(items[index].message)
    }
    return taken
  }
}
