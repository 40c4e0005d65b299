import Synchronization

/// What a store reported, in order.
final class Reports<Problem: Sendable>: Sendable {
  private let list = Mutex<[Problem]>([])
  var all: [Problem] { list.withLock { $0 } }
  func note(_ problem: Problem) { list.withLock { $0.append(problem) } }
}
