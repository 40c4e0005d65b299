import MartletProtocol
import Synchronization

/// The uploads and downloads that are under way: how many, for whom, and which uploads.
final class Transfers: Sendable {
  /// How many there may be at a time, and how many for one user.
  private static let maximum = 128
  private static let maximumPerUser = 8

  private struct State {
    var total = 0
    var perUser: [UserID: Int] = [:]
    var claimed: Set<AttachmentID> = []
  }

  private let state = Mutex(State())

  /// Begins a transfer, which ``leave(_:)`` is to end; false when there are too many.
  func enter(_ user: UserID) -> Bool {
    state.withLock { state in
      let own = state.perUser[user, default: 0]
      guard state.total < Self.maximum, own < Self.maximumPerUser else { return false }
      state.total += 1
      state.perUser[user] = own + 1
      return true
    }
  }

  /// Ends a transfer.
  func leave(_ user: UserID) {
    state.withLock { state in
      state.total -= 1
      state.perUser[user] = state.perUser[user].flatMap { $0 > 1 ? $0 - 1 : nil }
    }
  }

  /// Takes a file for oneself until ``release(_:)``; false when somebody has it.
  func claim(_ id: AttachmentID) -> Bool {
    state.withLock { $0.claimed.insert(id).inserted }
  }

  /// Lets others have a file.
  func release(_ id: AttachmentID) {
    state.withLock { _ = $0.claimed.remove(id) }
  }
}
