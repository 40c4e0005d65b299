import Synchronization

/// Where texts arrive before it is known what run they are of.
final class Inbox: Sendable {
  private let run = Mutex<Run?>(nil)

  /// From now on texts are passed on.
  func open(_ run: Run) { self.run.withLock { $0 = run } }

  func take(_ body: Substring.UTF8View) {
    let run = run.withLock { $0 }
    run?.received(body)
  }
}
