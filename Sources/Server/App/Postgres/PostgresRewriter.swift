import Logging
import ServerCore
import Synchronization

/// Writes the tables anew in which something was cleared, so that no file of the database but its
/// log holds it any more: DELETE and VACUUM leave the bytes in the holes of pages.
///
/// `VACUUM FULL` copies what lives, with the indexes and the long values stored apart, and removes
/// the old files. The table stands still meanwhile. What is to be done is noted in
/// `pending_rewrites` by the transaction that cleared, so a crash forgets nothing; what is asked for
/// during a rewrite is done by the next, however often it was asked for.
final class PostgresRewriter: Cleaner {
  /// The least time between two rounds, so that many clears in short order cost few rewrites.
  private static let interval = Duration.seconds(1)
  /// How long until a round is tried again that could not finish.
  private static let retryInterval = Duration.seconds(10)
  /// How long old snapshots are waited for within a round, and how often they are looked at.
  private static let snapshotPatience = Duration.seconds(5)
  private static let snapshotInterval = Duration.milliseconds(20)
  /// How often a rewrite is cancelled that goes on.
  private static let cancelInterval = Duration.milliseconds(100)
  /// "rewrite" in ASCII: the advisory lock under which one node at a time rewrites.
  private static let lock: Int64 = 0x72_6577_7269_7465

  private enum Activity {
    case idle
    case rewriting(PostgresCanceller)
    /// No rewrite begins any more; one may be under way.
    case closed(PostgresCanceller?)
  }

  private let pool: PostgresPool
  private let activity = Mutex(Activity.idle)
  private let wakes: AsyncStream<Void>
  private let waker: AsyncStream<Void>.Continuation
  private let task = Mutex<Task<Void, Never>?>(nil)
  private let logger: Logger

  /// It does nothing until it is woken.
  init(connectionString: String, logger: Logger) {
    self.logger = logger
    pool = PostgresPool(connectionString: connectionString, size: 1, logger: logger)
    (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    task.withLock { task in
      task = Task { [self] in await work() }
    }
  }

  func wake() { waker.yield() }

  /// Breaks off what is under way, which is done when the server starts again, and closes the
  /// connection.
  func close() async {
    waker.finish()
    let task = task.withLock { task in
      task?.cancel()
      return task
    }
    // Again and again: a statement that had not begun yet is not cancelled.
    let breakingOff = Task { [self] in
      while !Task.isCancelled, cancelRewrite() {
        // Cancelled, it ends the loop.
        do { try await Task.sleep(for: Self.cancelInterval) } catch { return }
      }
    }
    await task?.value
    breakingOff.cancel()
    await pool.close()
  }

  /// Lets no rewrite begin any more, and cancels the one under way. Returns whether there is one.
  private func cancelRewrite() -> Bool {
    activity.withLock { activity in
      switch activity {
      case .idle, .closed(nil):
        activity = .closed(nil)
        return false
      case .rewriting(let canceller), .closed(let canceller?):
        canceller.cancel()
        activity = .closed(canceller)
        return true
      }
    }
  }

  private func work() async {
    for await _ in wakes {
      var pause = Self.interval
      do throws(StoreError) {
        if try await !rewriteAll() {
          pause = Self.retryInterval
          wake()
        }
      } catch {
        if case .unavailable = error {
        } else {
          logger.warning("could not write cleared tables anew", metadata: ["cause": "\(error)"])
        }
        pause = Self.retryInterval
        wake()
      }
      // Cancelled, it ends the loop.
      do { try await Task.sleep(for: pause) } catch { return }
    }
  }

  /// One round over all that is noted. Returns whether all of it was done.
  private func rewriteAll() async throws(StoreError) -> Bool {
    let pending = try await pool.run { connection throws(PostgresError) in
      try connection.execute(ListPendingRewrites())
    }
    guard !pending.isEmpty else { return true }
    guard try await oldSnapshotsAreGone() else {
      logger.notice("cleared tables cannot be written anew while an old transaction is open")
      return false
    }
    var isDone = true
    for rewrite in pending where !Task.isCancelled {
      do throws(StoreError) {
        isDone = try await perform(rewrite) && isDone
      } catch {
        logger.notice(
          "could not write a cleared table anew",
          metadata: ["table": "\(rewrite.name)", "cause": "\(error)"])
        isDone = false
      }
    }
    return isDone
  }

  /// Waits until nobody can see any more what was deleted before now.
  private func oldSnapshotsAreGone() async throws(StoreError) -> Bool {
    let deadline = ContinuousClock.now + Self.snapshotPatience
    let next = try await pool.run { connection throws(PostgresError) in
      try connection.execute(NextTransaction()).first
    }
    guard let next else { throw .failed(cause: "there is no next transaction") }
    while ContinuousClock.now < deadline {
      let isSeen = try await pool.run { connection throws(PostgresError) in
        try connection.execute(IsSeenByOldSnapshots(transaction: next)).first ?? true
      }
      guard isSeen else { return true }
      do { try await Task.sleep(for: Self.snapshotInterval) } catch { return false }
    }
    return false
  }

  /// Returns false when another node is at it.
  private func perform(_ rewrite: PendingRewrite) async throws(StoreError) -> Bool {
    try await pool.run { [self] connection throws(PostgresError) in
      guard try connection.execute(TryAdvisoryLock(number: Self.lock)).first == true else {
        return false
      }
      // Given back with the connection, too, should this fail.
      defer { do { _ = try connection.execute(GiveAdvisoryLockBack(number: Self.lock)) } catch {} }
      // Others queue up behind whoever waits for this lock, so it does not wait long for, say, a
      // backup to end.
      try connection.execute(sql: "SET lock_timeout = '1s'")
      try connection.execute(sql: "SET statement_timeout = 0")
      guard begin(with: connection.canceller()) else { return false }
      defer { end() }
      try connection.execute(sql: "VACUUM (FULL) \(rewrite.name)")
      _ = try connection.execute(StrikeOutRewrite(done: rewrite))
      logger.debug("wrote a cleared table anew", metadata: ["table": "\(rewrite.name)"])
      return true
    }
  }

  /// Returns false after the end.
  private func begin(with canceller: PostgresCanceller) -> Bool {
    activity.withLock { activity in
      if case .closed = activity { return false }
      activity = .rewriting(canceller)
      return true
    }
  }

  private func end() {
    activity.withLock { activity in
      switch activity {
      case .idle, .rewriting: activity = .idle
      case .closed: activity = .closed(nil)
      }
    }
  }
}
