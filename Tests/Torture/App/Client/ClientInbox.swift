import Synchronization
import TortureCore

/// What happens to a client, from several threads to the one task that looks after it.
final class ClientInbox: Sendable {
  enum Input: Sendable {
    case participant(Participant.Input)
    case order(ClientOrder)
    /// Time to write, and to retry.
    case timer
    /// Whoever gave the orders is gone.
    case end
  }

  /// How many inputs may wait before pushes are refused, which drops the connection.
  private static let capacity = 10_000

  private let waiting = Mutex<[Input]>([])
  private let wake: AsyncStream<Void>.Continuation
  /// Gives something whenever there is something to take.
  let wakes: AsyncStream<Void>

  init() {
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  func append(_ input: Input) {
    waiting.withLock { $0.append(input) }
    wake.yield()
  }

  /// Takes a push, if there is room for it.
  func offer(_ input: Participant.Input) -> Bool {
    let hasRoom = waiting.withLock { waiting in
      guard waiting.count < Self.capacity else { return false }
      waiting.append(.participant(input))
      return true
    }
    wake.yield()
    return hasRoom
  }

  func takeAll() -> [Input] {
    waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }
}
