import Synchronization
import TUICore

/// The one way for results and pushes into the loop: ordered, bounded, and it wakes the loop.
final class ActionQueue: Sendable {
  /// How many pushes may wait. One that finds no room costs nothing but a resume.
  static let capacity = 10_000

  private let pipe: WakePipe
  private let waiting = Mutex<[Action]>([])

  init(waking pipe: WakePipe) {
    self.pipe = pipe
  }

  /// Adds something that was asked for, and so is bounded by the asking.
  func post(_ action: Action) {
    let isFirst = waiting.withLock { waiting in
      waiting.append(action)
      return waiting.count == 1
    }
    if isFirst { pipe.wake() }
  }

  /// Adds something that nobody asked for; `false` when there is no room.
  func offer(_ action: Action) -> Bool {
    let (isTaken, isFirst) = waiting.withLock { waiting in
      guard waiting.count < Self.capacity else { return (false, false) }
      waiting.append(action)
      return (true, waiting.count == 1)
    }
    if isFirst { pipe.wake() }
    return isTaken
  }

  /// Takes everything that waits, in order.
  func drain() -> [Action] {
    waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }
}
