import NIOCore
import Synchronization

/// The events of one ``Client``, to be read by one task with `for await`. It never ends.
public final class ClientEvents: AsyncSequence, Sendable {
  private struct State {
    var waiting = CircularBuffer<ClientEvent>()
    /// What they take, about.
    var bytes = 0
    var reader: CheckedContinuation<ClientEvent?, Never>?
  }

  /// How much may wait, about, in bytes, beside the number.
  private static let maximumBytes = 32 << 20

  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// Takes an event. Those of a full queue are refused when they are pushes, and kept when they tell
  /// of the client's own state, of which there are few.
  func offer(_ event: ClientEvent) -> Bool {
    let (reader, isTaken) = state.withLock { state in
      if let reader = state.reader {
        state.reader = nil
        return (reader as CheckedContinuation?, true)
      }
      let isFull = state.waiting.count >= capacity || state.bytes >= Self.maximumBytes
      if case .push = event, isFull { return (nil, false) }
      state.waiting.append(event)
      state.bytes += event.weight
      return (nil, true)
    }
    reader?.resume(returning: event)
    return isTaken
  }

  /// Begins to read; there is one reader.
  public func makeAsyncIterator() -> Iterator { Iterator(events: self) }

  /// Reads the events.
  public struct Iterator: AsyncIteratorProtocol {
    let events: ClientEvents

    /// The next event; `nil` when the task is cancelled.
    public mutating func next() async -> ClientEvent? { await events.next() }
  }

  private func next() async -> ClientEvent? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (previous, event, isOver) = state.withLock { state in
          if let event = state.waiting.popFirst() {
            state.bytes -= event.weight
            return (nil as CheckedContinuation<ClientEvent?, Never>?, event as ClientEvent?, false)
          }
          if Task.isCancelled { return (nil, nil, true) }
          let previous = state.reader
          state.reader = continuation
          return (previous, nil, false)
        }
        // A second reader is a mistake, which ends the first one's loop rather than hang it.
        previous?.resume(returning: nil)
        if let event { continuation.resume(returning: event) }
        if isOver { continuation.resume(returning: nil) }
      }
    } onCancel: {
      state.withLock { state in
        defer { state.reader = nil }
        return state.reader
      }?.resume(returning: nil)
    }
  }
}
