import Glibc
import Synchronization

/// A process that was started, until it has ended. Signals never reach another that got its number.
final class ChildProcess: Sendable {
  let id: pid_t
  /// How it ended, as `waitpid` says it; `nil` while it runs.
  private let status = Mutex<Int32?>(nil)
  /// The other end of its standard input.
  private let input: Mutex<Int32>

  /// Starts a program in a session of its own, so that what a terminal sends to the trial reaches only
  /// the trial. Its output goes to a file, to the end of what is there.
  init(_ path: String, _ arguments: [String], log: String) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemFailure("make a pipe") }
    defer { close(ends[0]) }
    // Nobody else holds the end that is written to: when this process goes, the other's input ends.
    _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
    _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Else a socket of the trial's would live on in whatever was started while it was open.
    // `posix_spawn_file_actions_addclosefrom_np` does not import; one that is not open is no error.
    for other: Int32 in 3..<1024 { posix_spawn_file_actions_addclose(&actions, other) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // `POSIX_SPAWN_SETSID`, which does not import.
    posix_spawnattr_setflags(&attributes, 0x80)
    let words = ([path] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var id: pid_t = 0
    let status = posix_spawnp(&id, path, &actions, &attributes, words + [nil], environ)
    guard status == 0 else {
      close(ends[1])
      throw SystemFailure(because: "cannot start \(path): \(String(cString: strerror(status)))")
    }
    self.id = id
    input = Mutex(ends[1])
  }

  deinit { closeInput() }

  /// Whether it still runs.
  var isRunning: Bool {
    status.withLock { known in
      var status: Int32 = 0
      if known == nil, waitpid(id, &status, WNOHANG) == id { known = status }
      return known == nil
    }
  }

  /// Whether it has ended by itself and without a failure.
  var hasSucceeded: Bool { status.withLock { $0 == 0 } }

  /// Sends a signal; `false` when the process has ended.
  @discardableResult
  func signal(_ signal: Int32) -> Bool {
    status.withLock { known in
      // Not waited for yet, so the number is still its own, even if it has ended.
      known == nil && kill(id, signal) == 0
    }
  }

  /// Writes a line to its standard input; it may be gone, which shows elsewhere.
  func tell(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    input.withLock { input in
      if input >= 0 { _ = write(input, bytes, bytes.count) }
    }
  }

  /// Ends its standard input.
  func closeInput() {
    input.withLock { input in
      if input >= 0 { close(input) }
      input = -1
    }
  }

  /// Waits until it has ended.
  ///
  /// - Returns: whether it has, within the time.
  func waitUntilEnded(atMost patience: Duration) async throws -> Bool {
    let deadline = ContinuousClock.now + patience
    while isRunning {
      guard ContinuousClock.now < deadline else { return false }
      try await Task.sleep(for: .milliseconds(20))
    }
    return true
  }
}
