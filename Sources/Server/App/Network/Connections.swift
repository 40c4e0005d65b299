import NIOCore
import Synchronization

/// The open WebSocket connections, the exchanges of files, and the work that is done for them, so that a stop can finish the
/// work, close the connections, and wait for both.
final class Connections: Sendable {
  private struct State {
    var open: [ObjectIdentifier: NIOLoopBound<ConnectionHandler>] = [:]
    var exchanges: [ObjectIdentifier: HTTPExchange] = [:]
    var tasks = 0
    var isDraining = false
    var waiting: [CheckedContinuation<Void, Never>] = []

    /// Those who wait for this moment, if it is the moment.
    mutating func takeWaitingIfIdle() -> [CheckedContinuation<Void, Never>] {
      guard open.isEmpty, tasks == 0 else { return [] }
      defer { waiting = [] }
      return waiting
    }
  }

  private let state = Mutex(State())

  /// How many WebSocket connections are open.
  var count: Int { state.withLock { $0.open.count } }

  /// Adds a connection, on its event loop. Returns whether the server is about to stop: the
  /// connection is to be drained then.
  func add(_ handler: ConnectionHandler) -> Bool {
    let bound = NIOLoopBound(handler, eventLoop: handler.eventLoop)
    return state.withLock { state in
      state.open[ObjectIdentifier(handler)] = bound
      return state.isDraining
    }
  }

  /// Removes a connection that has closed.
  func remove(_ handler: ConnectionHandler) {
    resume(
      state.withLock { state in
        state.open[ObjectIdentifier(handler)] = nil
        return state.takeWaitingIfIdle()
      })
  }

  /// Does something for a connection, off its event loop.
  func run(_ work: @escaping @Sendable () async -> Void) {
    state.withLock { $0.tasks += 1 }
    Task {
      await work()
      resume(
        state.withLock { state in
          state.tasks -= 1
          return state.takeWaitingIfIdle()
        })
    }
  }

  /// Serves an exchange of files, which a stop breaks off: both sides go on from there later.
  func serve(_ exchange: HTTPExchange, _ work: @escaping @Sendable () async -> Void) {
    let isDraining = state.withLock { state in
      state.exchanges[ObjectIdentifier(exchange)] = exchange
      return state.isDraining
    }
    if isDraining { exchange.abort() }
    run { [self] in
      await work()
      state.withLock { $0.exchanges[ObjectIdentifier(exchange)] = nil }
    }
  }

  /// Tells every connection, and those still to come, to finish what it has begun and to close: some at a
  /// time, so that neither their ends nor the news of them come all at once.
  func drain() async {
    let exchanges = state.withLock { state in
      state.isDraining = true
      return Array(state.exchanges.values)
    }
    for exchange in exchanges { exchange.abort() }
    await restart()
  }

  /// Has every connection that is open begin again: the client comes back with a new hello.
  func restart() async {
    let open = state.withLock { Array($0.open.values) }
    var rest = open[...]
    while !rest.isEmpty {
      let batch = rest.prefix(Self.batch)
      for (index, handler) in zip(batch.indices, batch) {
        let wait = Self.comeBackAfter + Self.spread * index
        handler.eventLoop.execute { handler.value.drain(comeBackAfter: wait) }
      }
      rest = rest.dropFirst(batch.count)
      // Who stops the server does not wait longer for that than for the work itself.
      if !rest.isEmpty { do { try await Task.sleep(for: Self.pause) } catch {} }
    }
  }

  /// How many connections are told at a time, and how long it is until the next ones are: 20,000 within 4 s.
  private static let batch = 250
  private static let pause = Duration.milliseconds(50)
  /// When the first client is to come back.
  private static let comeBackAfter = TimeAmount.seconds(1)
  /// How much later each other one: 1,000 a second, which a server signs in without anybody noticing.
  private static let spread = TimeAmount.milliseconds(1)

  /// Waits until no connection is open and no work is done, or until patience ends.
  func waitUntilIdle(atMost patience: Duration) async {
    await withTaskGroup { group in
      group.addTask { [self] in
        await withCheckedContinuation { continuation in
          resume(
            state.withLock { state in
              state.waiting.append(continuation)
              return state.takeWaitingIfIdle()
            })
        }
      }
      group.addTask { [self] in
        // Cancelled when the other is done: then there is nobody to resume.
        do { try await Task.sleep(for: patience) } catch {}
        resume(
          state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
          })
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func resume(_ continuations: [CheckedContinuation<Void, Never>]) {
    for continuation in continuations { continuation.resume() }
  }
}
