import Dispatch
import Logging
import MartletClient
import MartletProtocol
import Synchronization
import TUICore

/// Keeps drafts and outbox of the account that is signed in: changed in memory at once, written by a
/// thread of its own, so that no key waits for a disk, except for the one that sends a message: see
/// ``waitUntilKept()``.
final class SavedStateKeeper {
  /// How long a message waits to be durable before it is sent all the same.
  private static let patience = DispatchTimeInterval.seconds(2)

  private let directory: String
  private let server: ServerAddress
  private let logger: Logger
  private let report: @Sendable (SavingProblem) -> Void
  private let writer = DispatchQueue(label: "martlet.outbox")
  private let disk: Disk
  private var current: (account: OutboxDatabase.Account, state: SavedState)?
  /// Whether there is a message that is not known to be durable.
  private var isMessageUnkept = false
  /// What is to be written next: on a slow disk only the last of many changes is. Another account's
  /// never takes its place, as reading that waits for the writer.
  private let unwritten = Unwritten()

  /// - Parameter report: Told, on any thread, when a message could not be kept, or what was kept not
  ///   be read.
  init(
    directory: String, server: ServerAddress, logger: Logger,
    report: @escaping @Sendable (SavingProblem) -> Void
  ) {
    self.directory = directory
    self.server = server
    self.logger = logger
    self.report = report
    disk = Disk(
      file: ProfileDatabase(
        path: "\(directory)/\(Self.fileName)", disposal: .moveAside, logger: logger,
        report: { report(.unreadable) }))
  }

  /// What the database is called in the profile.
  static let fileName = "outbox.db"

  /// Reads what an account left behind.
  func load(_ user: UserID, serverID: String) -> SavedState {
    let account = OutboxDatabase.Account(
      server: server.description, serverID: serverID, user: user)
    let older = SavedStateFile(in: directory, server: server, serverID: serverID, user: user)
    // Behind whatever is still being written there.
    let state = writer.sync { [disk, logger, report] in
      do {
        return try disk.load(account, takingOver: older)
      } catch {
        logger.error("drafts and outbox cannot be read", metadata: ["error": "\(error)"])
        report(.unreadable)
        return SavedState()
      }
    }
    current = (account, state)
    return state
  }

  func saveDraft(_ user: UserID, _ target: Target, _ text: String) {
    save(user) { $0.drafts[target] = text.isEmpty ? nil : text }
  }

  /// Keeps an outbox, and with it, in one transaction, drafts that have changed with it.
  func saveOutbox(_ user: UserID, _ messages: [OutgoingMessage], drafts: [Target: String]) {
    save(user) { state in
      let kept = Set(state.outbox.map(\.key))
      if !messages.allSatisfy({ kept.contains($0.key) }) { isMessageUnkept = true }
      state.outbox = messages
      for (target, text) in drafts { state.drafts[target] = text.isEmpty ? nil : text }
    }
  }

  /// Waits until every message in the outbox is durable, or the disk has refused it, or too much time
  /// has passed. Called before a message is sent and before the screen shows it as sent.
  func waitUntilKept() {
    guard isMessageUnkept else { return }
    isMessageUnkept = false
    let isDone = DispatchSemaphore(value: 0)
    writer.async { isDone.signal() }
    guard isDone.wait(timeout: .now() + Self.patience) == .timedOut else { return }
    logger.error("the disk takes too long to store the outbox")
    report(.slow)
  }

  /// Overwrites whatever was kept and is kept no more.
  func scrub() {
    guard disk.wantScrub() else { return }
    writer.async { [disk, logger] in
      do {
        try disk.scrub()
      } catch {
        logger.error("what was sent cannot be overwritten", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Waits until everything asked for is done.
  func waitForWriter() { writer.sync {} }

  /// Waits until everything is written, and closes the file.
  func close() {
    writer.sync { [disk] in disk.close() }
  }

  private func save(_ user: UserID, _ change: (inout SavedState) -> Void) {
    // Without having read what was kept before, writing would lose it.
    guard var current, current.account.user == user else { return }
    change(&current.state)
    self.current = current
    guard unwritten.replace(with: current) else { return }
    writer.async { [disk, logger, unwritten, report] in
      guard let (account, state) = unwritten.take() else { return }
      do {
        try disk.store(state, for: account)
      } catch {
        logger.error("drafts and outbox cannot be stored", metadata: ["error": "\(error)"])
        guard !state.outbox.isEmpty else { return }
        report((error as? SQLiteError)?.isFull == true ? .diskFull : .refused)
      }
    }
  }
}

/// The database and what it is known to hold.
private final class Disk: Sendable {
  private struct Open {
    var database: OutboxDatabase
    var kept: (account: OutboxDatabase.Account, state: SavedState)?
  }

  private let file: ProfileDatabase
  private let open = Mutex<Open?>(nil)
  private let isScrubWanted = Mutex(false)

  init(file: ProfileDatabase) { self.file = file }

  func load(
    _ account: OutboxDatabase.Account, takingOver older: SavedStateFile
  ) throws -> SavedState {
    try withDatabase { open in
      var state = try open.database.load(account)
      if let found = read(older) {
        var both = state
        both.drafts.merge(found.drafts) { new, _ in new }
        let keys = Set(state.outbox.map(\.key))
        both.outbox = found.outbox.filter { !keys.contains($0.key) } + state.outbox
        try open.database.store(both, replacing: state, for: account)
        try older.remove()
        state = both
      }
      open.kept = (account, state)
      return state
    }
  }

  /// A file that cannot be read is left where it is, and keeps nobody from what is in the database.
  private func read(_ older: SavedStateFile) -> SavedState? {
    do {
      return try older.load()
    } catch {
      // What a decoder says may quote what was written, which is nothing for a log.
      let cause = error is DecodingError ? "damaged" : "\(error)"
      file.logger.error("an old outbox cannot be read", metadata: ["error": "\(cause)"])
      file.report()
      return nil
    }
  }

  func store(_ state: SavedState, for account: OutboxDatabase.Account) throws {
    try withDatabase { open in
      // What has never been read is not in the state, and must not be taken for discarded.
      let known = open.kept.flatMap { $0.account == account ? $0.state : nil }
      try open.database.store(state, replacing: known ?? SavedState(), for: account)
      open.kept = (account, state)
    }
  }

  /// `true` unless a scrub is still to come.
  func wantScrub() -> Bool {
    isScrubWanted.withLock { isWanted in
      defer { isWanted = true }
      return !isWanted
    }
  }

  func scrub() throws {
    isScrubWanted.withLock { $0 = false }
    try withDatabase { try $0.database.scrub() }
  }

  func close() { open.withLock { $0 = nil } }

  /// Opens the database if it is not open, and another if it turns out to be damaged.
  private func withDatabase<Result: Sendable>(
    _ body: (inout Open) throws -> Result
  ) throws -> Result {
    do {
      return try attempt(body)
    } catch let error as SQLiteError where error.isDamage {
      close()
      try file.dispose(because: error)
      return try attempt(body)
    }
  }

  private func attempt<Result: Sendable>(_ body: (inout Open) throws -> Result) throws -> Result {
    try open.withLock { open in
      var current = try open ?? Open(database: OutboxDatabase(file))
      defer { open = current }
      return try body(&current)
    }
  }
}

/// The one change that waits for the writer.
private final class Unwritten: Sendable {
  private let state = Mutex<(account: OutboxDatabase.Account, state: SavedState)?>(nil)

  /// `true` if nothing waited before, so that the writer has to be called.
  func replace(with new: (account: OutboxDatabase.Account, state: SavedState)) -> Bool {
    state.withLock { state in
      defer { state = new }
      return state == nil
    }
  }

  func take() -> (account: OutboxDatabase.Account, state: SavedState)? {
    state.withLock { state in
      defer { state = nil }
      return state
    }
  }
}
