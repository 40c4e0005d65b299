import Synchronization

/// A queue from whoever produces, on any thread, to the one test that waits.
public final class Inbox<Element: Sendable>: Sendable {
  private struct State {
    var elements: [Element] = []
    var hasEnded = false
    var waiting: CheckedContinuation<Element?, any Error>?
    var waits = 0
  }

  private let state = Mutex(State())

  public init() {}

  /// What has come and was not yet taken.
  public var count: Int { state.withLock { $0.elements.count } }

  public func append(_ element: Element) {
    let waiting = state.withLock { state in
      guard !state.hasEnded else { return nil as CheckedContinuation<Element?, any Error>? }
      guard let waiting = state.waiting else {
        state.elements.append(element)
        return nil
      }
      state.waiting = nil
      return waiting
    }
    waiting?.resume(returning: element)
  }

  /// Nothing comes any more.
  public func end() {
    let waiting = state.withLock { state in
      state.hasEnded = true
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume(returning: nil)
  }

  /// The next element; `nil` after the end.
  ///
  /// - Throws: ``Failure`` when nothing comes in half a minute: a test that waits in vain fails and
  ///   does not hang.
  public func next() async throws -> Element? {
    let wait = state.withLock { state in
      state.waits += 1
      return state.waits
    }
    let patience = Task {
      try await Task.sleep(for: .seconds(30))
      giveUp(wait)
    }
    defer { patience.cancel() }
    return try await withCheckedThrowingContinuation { continuation in
      let (isReady, element) = state.withLock { state -> (Bool, Element?) in
        if !state.elements.isEmpty { return (true, state.elements.removeFirst()) }
        if state.hasEnded { return (true, nil) }
        precondition(state.waiting == nil, "two wait for one inbox")
        state.waiting = continuation
        return (false, nil)
      }
      if isReady { continuation.resume(returning: element) }
    }
  }

  private func giveUp(_ wait: Int) {
    let waiting = state.withLock { state in
      guard state.waits == wait else { return nil as CheckedContinuation<Element?, any Error>? }
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume(throwing: Failure("waited in vain"))
  }
}
