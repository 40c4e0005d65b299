import Glibc
import Synchronization

/// The process groups of the programs that run at the moment, so that none outlives the client: what is
/// ended politely may take longer than the client has left.
final class ProcessGroups: Sendable {
  private struct State {
    var groups: Set<pid_t> = []
    var isClosed = false
  }

  private let state = Mutex(State())

  /// A program has been started; too late, it is killed at once.
  func insert(_ group: pid_t) {
    state.withLock { state in
      if state.isClosed { kill(-group, SIGKILL) } else { state.groups.insert(group) }
    }
  }

  /// It has ended.
  func remove(_ group: pid_t?) {
    guard let group else { return }
    state.withLock { _ = $0.groups.remove(group) }
  }

  /// Kills everything that runs, and whatever is started from here on.
  func close() {
    state.withLock { state in
      state.isClosed = true
      for group in state.groups { kill(-group, SIGKILL) }
      state.groups = []
    }
  }
}
