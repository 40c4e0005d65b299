import Synchronization
import TUICore

/// The one way for results and pushes into the loop: ordered, bounded, and it wakes the loop.
final class ActionQueue: Sendable {
  /// How many pushes may wait. One that finds no room costs nothing but a resume.
  static let capacity = 10_000
  /// How much they may take together, about, in bytes.
  static let maximumBytes = 32 << 20

  private struct State {
    var actions: [Action] = []
    var bytes = 0
  }

  private let pipe: WakePipe
  private let waiting = Mutex(State())

  init(waking pipe: WakePipe) {
    self.pipe = pipe
  }

  /// Adds something that was asked for, and so is bounded by the asking.
  func post(_ action: Action) {
    let isFirst = waiting.withLock { waiting in
      waiting.actions.append(action)
      return waiting.actions.count == 1
    }
    if isFirst { pipe.wake() }
  }

  /// Adds something that nobody asked for; `false` when there is no room.
  ///
  /// - Parameter bytes: what it takes, about.
  func offer(_ action: Action, bytes: Int) -> Bool {
    let (isTaken, isFirst) = waiting.withLock { waiting in
      guard waiting.actions.count < Self.capacity, waiting.bytes < Self.maximumBytes else {
        return (false, false)
      }
      waiting.actions.append(action)
      waiting.bytes += bytes
      return (true, waiting.actions.count == 1)
    }
    if isFirst { pipe.wake() }
    return isTaken
  }

  /// Takes everything that waits, in order.
  func drain() -> [Action] {
    waiting.withLock { waiting in
      defer { waiting = State() }
      return waiting.actions
    }
  }
}
