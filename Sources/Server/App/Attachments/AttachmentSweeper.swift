import Logging
import MartletProtocol
import ServerCore
import Synchronization

/// Removes the files whose rows are gone, the uploads that nobody finished or sent in a day, and, once
/// at the start, files that no row knows: what a crash left, or a database older than the files.
///
/// A row is gone before its file: whoever is killed between the two leaves a note in `doomed_files`,
/// and nobody is shown a message whose file is missing.
final class AttachmentSweeper: Cleaner {
  /// How often it looks for old uploads.
  private static let interval = Duration.seconds(600)
  /// How long until a round is tried again that could not finish.
  private static let retryInterval = Duration.seconds(10)

  private let store: PostgresStore
  private let files: FileStore
  private let transfers: Transfers
  private let wakes: AsyncStream<Void>
  private let waker: AsyncStream<Void>.Continuation
  private let tasks = Mutex<[Task<Void, Never>]>([])
  private let logger: Logger

  /// It begins at once.
  init(store: PostgresStore, files: FileStore, transfers: Transfers, logger: Logger) {
    self.store = store
    self.files = files
    self.transfers = transfers
    self.logger = logger
    (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    tasks.withLock { tasks in
      tasks = [Task { [self] in await work() }, Task { [self] in await tick() }]
    }
    wake()
  }

  func wake() { waker.yield() }

  /// Breaks off what is under way, which is done when the server starts again.
  func close() async {
    waker.finish()
    let tasks = tasks.withLock { tasks in
      for task in tasks { task.cancel() }
      return tasks
    }
    for task in tasks { await task.value }
  }

  private func tick() async {
    while true {
      // Cancelled, it ends the loop.
      do { try await Task.sleep(for: Self.interval) } catch { return }
      wake()
    }
  }

  private func work() async {
    var hasRemovedOrphans = false
    for await _ in wakes {
      var isDone = false
      do {
        if !hasRemovedOrphans { try await removeOrphans() }
        hasRemovedOrphans = true
        while try await store.doomExpiredUploads() {}
        isDone = try await removeDoomed()
      } catch StoreError.unavailable {
        // The database comes back.
      } catch is CancellationError {
        return
      } catch {
        logger.warning("could not remove files", metadata: ["cause": "\(error)"])
      }
      guard !isDone else { continue }
      do { try await Task.sleep(for: Self.retryInterval) } catch { return }
      wake()
    }
  }

  /// Returns whether all of it was done.
  private func removeDoomed() async throws -> Bool {
    var isDone = true
    var last = AttachmentID(high: 0, low: 0)
    while true {
      try Task.checkCancellation()
      let doomed = try await store.doomedFiles(after: last)
      guard let next = doomed.last else { return isDone }
      last = next
      let removed = try await remove(doomed)
      isDone = isDone && removed.count == doomed.count
      try await store.forgetDoomedFiles(removed)
    }
  }

  private func removeOrphans() async throws {
    // With another database, nothing would be known of any file.
    let database = try await store.serverIdentity().id
    guard try await files.run({ try $0.belong(toDatabase: database) }) else {
      logger.error(
        "the files in this data directory belong to another database: none of them is removed",
        metadata: ["database": "\(database)"])
      return
    }
    var left = try await files.run { try $0.list() }[...]
    while !left.isEmpty {
      try Task.checkCancellation()
      let batch = Array(left.prefix(PostgresStore.sweepBatch))
      left = left.dropFirst(batch.count)
      let orphans = try await store.unknownFiles(among: batch)
      guard !orphans.isEmpty else { continue }
      let removed = try await remove(orphans)
      logger.notice(
        "removed files that nothing is known of", metadata: ["files": "\(removed.count)"])
    }
  }

  /// Removes those files that are not being uploaded and can be removed, and returns them.
  private func remove(_ ids: [AttachmentID]) async throws -> [AttachmentID] {
    try await files.run { [transfers, logger] files in
      ids.filter { id in
        guard transfers.claim(id) else { return false }
        defer { transfers.release(id) }
        do {
          try files.remove(id)
          return true
        } catch {
          logger.warning(
            "could not remove a file", metadata: ["file": "\(id)", "cause": "\(error)"])
          return false
        }
      }
    }
  }
}
