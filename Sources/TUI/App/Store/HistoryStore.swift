import Dispatch
import Logging
import MartletClient
import MartletProtocol
import Synchronization
import TUICore

/// The local history of a profile, on a thread of its own. Nothing waits for it: what it cannot take is
/// at the server, and shows as missing until it is asked for.
final class HistoryStore: Sendable {
  /// What the database is called in the profile.
  static let fileName = "history.db"
  /// How many messages of the open conversation are read before the first frame.
  private static let messagesAtStart = 200
  /// How many messages may wait to be written.
  private static let maximumWaiting = 20_000

  private struct Open {
    var database: HistoryDatabase
    var owner: HistoryDatabase.Owner
  }

  private let file: ProfileDatabase
  private let server: ServerAddress
  private let bounds: HistoryDatabase.Bounds
  private let logger: Logger
  private let report: @Sendable (CacheProblem) -> Void
  private let queue = DispatchQueue(label: "martlet.history", qos: .utility)
  /// `nil` while it is nobody's: nothing is kept then.
  private let open = Mutex<Open?>(nil)
  private let waiting = Mutex(Waiting())

  /// - Parameter report: Told, on any thread, what goes wrong: each kind of problem once.
  init(
    directory: String, server: ServerAddress, bounds: HistoryDatabase.Bounds = .init(),
    logger: Logger, report: @escaping @Sendable (CacheProblem) -> Void
  ) {
    let told = Told()
    let report: @Sendable (CacheProblem) -> Void = { if told.insert($0) { report($0) } }
    file = ProfileDatabase(
      path: "\(directory)/\(Self.fileName)", disposal: .erase, logger: logger,
      report: { report(.unreadable) })
    self.server = server
    self.bounds = bounds
    self.logger = logger
    self.report = report
  }

  // MARK: At start

  /// Takes up the history that was left, and reads what the first screen needs of it.
  ///
  /// - Parameter name: Who the stored token is for; the history of anybody else is not looked at.
  /// - Returns: `nil` without a history of theirs at this server.
  func restore(for name: String) -> (session: CachedSession, owner: HistoryDatabase.Owner)? {
    do {
      let restored = try open.withLock {
        open -> (session: CachedSession, owner: HistoryDatabase.Owner)? in
        let database = try HistoryDatabase(file, bounds: bounds)
        guard let owner = try database.owner(), owner.server == server.description,
          owner.user.name == name
        else { return nil }
        let session = try database.session(of: owner.user, messages: Self.messagesAtStart)
        open = Open(database: database, owner: owner)
        return (session, owner)
      }
      perform("overwrite what was cleared") { try $0.scrubIfNeeded() }
      return restored
    } catch {
      recover(from: error, "read the history")
      return nil
    }
  }

  // MARK: While it runs

  /// Makes the history somebody's; what is there of anybody else is erased first.
  func begin(_ user: User, serverID: String, epoch: Int64) {
    let owner = HistoryDatabase.Owner(
      server: server.description, serverID: serverID, epoch: epoch, user: user)
    waiting.withLock { $0.seal() }
    queue.async { [self] in
      do {
        try begin(owner)
      } catch let error as SQLiteError where error.isDamage {
        recover(from: error, "begin the history", as: owner)
      } catch {
        recover(from: error, "begin the history")
      }
    }
  }

  private func begin(_ owner: HistoryDatabase.Owner) throws {
    try open.withLock { open in
      guard open?.owner != owner else { return }
      open = nil
      if try HistoryDatabase(file, bounds: bounds).owner() != owner { try file.remove() }
      let database = try HistoryDatabase(file, bounds: bounds)
      try database.begin(owner)
      open = Open(database: database, owner: owner)
    }
  }

  /// Keeps what has changed, soon.
  func store(_ changes: CacheChanges) {
    guard waiting.withLock({ $0.add(changes, maximumMessages: Self.maximumWaiting) }) else {
      return
    }
    perform("store the history") { [self] database in
      guard let changes = waiting.withLock({ $0.take() }) else { return }
      try database.store(changes)
    } otherwise: { [self] in
      _ = waiting.withLock { $0.take() }
    }
  }

  /// Reads what is held of a conversation; `answer` is called on another thread in any case.
  func load(
    _ user: UserID, _ conversation: ConversationID,
    answer: @escaping @Sendable (CachedHistory) -> Void
  ) {
    let nothing = CachedHistory(conversation: conversation)
    queue.async { [self] in
      do {
        answer(
          try open.withLock { open in
            guard let open, open.owner.user.id == user else { return nothing }
            return try open.database.history(of: conversation)
          })
      } catch {
        recover(from: error, "read the history")
        answer(nothing)
      }
    }
  }

  /// How far each conversation is held, for the server to say what is missing.
  func cursors() async -> [Resume.Cursor] {
    await withCheckedContinuation { continuation in
      queue.async { [self] in
        do {
          let held = try open.withLock { open in
            try open?.database.cursors(limit: Client.maximumCursors) ?? []
          }
          continuation.resume(
            returning: held.map { Resume.Cursor(conversation: $0.0, sequence: $0.1) })
        } catch {
          recover(from: error, "read the history")
          continuation.resume(returning: [])
        }
      }
    }
  }

  /// Erases all of it, and keeps nothing until somebody begins.
  func erase() {
    waiting.withLock { $0.seal() }
    queue.async { [self] in
      do {
        try open.withLock { open in
          open = nil
          try file.remove()
        }
      } catch {
        logger.error("the history cannot be erased", metadata: ["error": "\(error)"])
        report(.notErased)
      }
    }
  }

  /// Waits until everything asked for is done.
  func waitForWriter() { queue.sync {} }

  /// Waits until everything is written, and closes the file.
  func close() {
    queue.sync { open.withLock { $0 = nil } }
  }

  // MARK: Parts

  /// Does something with the database on its thread, or something else while it is nobody's.
  private func perform(
    _ what: String, _ body: @escaping @Sendable (HistoryDatabase) throws -> Void,
    otherwise: @escaping @Sendable () -> Void = {}
  ) {
    queue.async { [self] in
      do {
        try open.withLock { open in
          guard let open else { return otherwise() }
          try body(open.database)
        }
      } catch {
        recover(from: error, what)
      }
    }
  }

  /// A damaged history is erased and an empty one begun, for whom it was or is to be; any other failure
  /// costs what was to be done.
  private func recover(
    from error: any Error, _ what: String, as newOwner: HistoryDatabase.Owner? = nil
  ) {
    logger.error("the history failed", metadata: ["to": "\(what)", "error": "\(error)"])
    guard let damage = error as? SQLiteError, damage.isDamage else {
      return report((error as? SQLiteError)?.isFull == true ? .diskFull : .refused)
    }
    do {
      let owner = open.withLock { open in
        defer { open = nil }
        return newOwner ?? open?.owner
      }
      try file.dispose(because: damage)
      if let owner { try begin(owner) }
    } catch {
      logger.error("there is no history from here on", metadata: ["error": "\(error)"])
      report(.refused)
    }
  }
}

/// Which problems have been reported.
private final class Told: Sendable {
  private let problems = Mutex<Set<CacheProblem>>([])

  /// `false` for one that had been.
  func insert(_ problem: CacheProblem) -> Bool {
    problems.withLock { $0.insert(problem).inserted }
  }
}

/// What is to be written: on a slow disk, many changes become one. Changes for another owner than those
/// before stay apart.
private struct Waiting {
  private var batches: [CacheChanges] = []
  private var isOpen = false

  /// `true` if the writer has to be called for it.
  mutating func add(_ changes: CacheChanges, maximumMessages: Int) -> Bool {
    if isOpen, let last = batches.indices.last {
      batches[last].merge(changes, maximumMessages: maximumMessages)
      return false
    }
    batches.append(changes)
    isOpen = true
    return true
  }

  /// What is added from here on is apart from what waits.
  mutating func seal() { isOpen = false }

  /// The oldest of it; `nil` when there is none.
  mutating func take() -> CacheChanges? {
    guard !batches.isEmpty else { return nil }
    if batches.count == 1 { isOpen = false }
    return batches.removeFirst()
  }
}
