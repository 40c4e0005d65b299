import Synchronization

/// How much of a file has arrived, for whoever reads it meanwhile.
final class Arrival: Sendable {
  private struct State {
    var bytes: Int64 = 0
    /// Whether it is whole, once nothing more comes.
    var outcome: Bool?
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// So much can be read.
  func note(_ bytes: Int64) { change { $0.bytes = bytes } }

  /// Nothing more comes.
  func end(isWhole: Bool) { change { $0.outcome = isWhole } }

  /// Waits until there is more than `bytes`, or nothing more comes.
  ///
  /// - Returns: how much there is, and whether that is all there will be. After cancellation, whatever
  ///   there is.
  func more(than bytes: Int64) async -> (bytes: Int64, isOver: Bool) {
    await withTaskCancellationHandler {
      while !Task.isCancelled {
        let now = state.withLock { ($0.bytes, $0.outcome) }
        if now.1 != nil || now.0 > bytes { break }
        await withCheckedContinuation { continuation in
          let isThere = state.withLock { state in
            if state.outcome != nil || state.bytes > bytes || Task.isCancelled { return true }
            state.waiting.append(continuation)
            return false
          }
          if isThere { continuation.resume() }
        }
      }
    } onCancel: {
      change { _ in }
    }
    return state.withLock { ($0.bytes, $0.outcome != nil) }
  }

  /// Waits for the end. Returns whether the file is whole.
  func isWhole() async -> Bool {
    while !Task.isCancelled {
      let (_, isOver) = await more(than: .max)
      if isOver { break }
    }
    return state.withLock { $0.outcome ?? false }
  }

  private func change(_ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
