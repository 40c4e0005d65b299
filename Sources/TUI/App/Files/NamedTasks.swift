import Synchronization

/// Work in the background, one piece at a time under each name: what is started under a name that is
/// still being cancelled waits for its end, so that no two write to one file, and none loses track of
/// the other.
final class NamedTasks<Name: Hashable & Sendable>: Sendable {
  private struct State {
    var tasks: [Name: (number: Int, task: Task<Void, Never>)] = [:]
    var started = 0
  }

  private let state = Mutex(State())

  /// Starts work, after the one before it under the name.
  func start(_ name: Name, _ work: @escaping @Sendable () async -> Void) {
    state.withLock { state in
      state.started += 1
      let (number, last) = (state.started, state.tasks[name]?.task)
      let task = Task { [self] in
        await last?.value
        await work()
        self.state.withLock { state in
          if state.tasks[name]?.number == number { state.tasks[name] = nil }
        }
      }
      state.tasks[name] = (number, task)
    }
  }

  /// Cancels what was last started under a name.
  ///
  /// - Returns: what may go on for a moment; `nil` when it has ended.
  @discardableResult
  func cancel(_ name: Name) -> Task<Void, Never>? {
    let task = state.withLock { $0.tasks[name]?.task }
    task?.cancel()
    return task
  }

  /// Under what names something is under way.
  var names: Set<Name> { state.withLock { Set($0.tasks.keys) } }

  /// Cancels everything.
  ///
  /// - Returns: what may go on for a moment.
  func cancelAll() -> [Task<Void, Never>] {
    let tasks = state.withLock { $0.tasks.values.map(\.task) }
    for task in tasks { task.cancel() }
    return tasks
  }
}
