import Glibc
import Logging

/// An SQLite database of a profile: for its owner only, with what is deleted overwritten, at the newest
/// schema, and begun anew when it cannot be used.
struct ProfileDatabase: Sendable {
  /// Why a file is not used.
  enum Refusal: Error {
    /// It is no regular file, or belongs to somebody else.
    case notOurs
    /// A later version of Martlet has written it.
    case newerSchema(Int64)
  }

  /// What becomes of a file that cannot be used.
  enum Disposal {
    /// It is kept under another name: it may hold what is nowhere else.
    case moveAside
    /// It is erased: what it held is at the server, and no clear would reach it any more.
    case erase
  }

  /// What SQLite keeps beside a database.
  private static let companions = ["-wal", "-shm", "-journal"]

  let path: String
  let disposal: Disposal
  let logger: Logger
  /// Told, on any thread, that the file could not be used and another has taken its place.
  let report: @Sendable () -> Void

  /// Opens the database, which is made when it is not there. When it is damaged, or of a later version,
  /// an empty one takes its place.
  ///
  /// - Parameter migrations: What leads from each schema to the next, append-only; each is carried out
  ///   once, in a transaction. The number of those carried out is the database's `user_version`.
  func open(migrations: [String]) throws -> SQLiteConnection {
    do {
      return try connect(migrations)
    } catch let error as SQLiteError where error.isDamage {
      try dispose(because: error)
    } catch Refusal.newerSchema(let version) {
      try dispose(as: ".newer", because: "schema \(version)")
    }
    return try connect(migrations)
  }

  /// Puts the file out of the way because it is damaged. It must be closed.
  func dispose(because damage: SQLiteError) throws {
    try dispose(as: ".damaged", because: "\(damage)")
  }

  /// Removes the file, which must be closed, and all that SQLite keeps beside it.
  func remove() throws(SystemError) {
    // The log first: on its own it would be taken for that of the next database.
    for companion in Self.companions + [""] { try PrivateFile.remove(path + companion) }
  }

  /// Overwrites everything that was deleted, wherever a copy may be left: in the pages of the file and
  /// in its log. `secure_delete` alone leaves what a page was rearranged around.
  static func scrub(_ connection: SQLiteConnection) throws(SQLiteError) {
    try connection.execute("VACUUM")
    _ = try connection.number("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private func connect(_ migrations: [String]) throws -> SQLiteConnection {
    try prepareFile()
    let connection = try SQLiteConnection(path: path)
    // The profile is locked, so that nobody else has it open. Its index of the log is then kept in
    // memory, and so are temporary tables: no copy of a text lies elsewhere.
    try connection.execute(
      """
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA secure_delete = ON;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA temp_store = MEMORY;
      PRAGMA trusted_schema = OFF;
      PRAGMA cell_size_check = ON;
      """)
    let version = try connection.number("PRAGMA user_version")
    guard version <= migrations.count else { throw Refusal.newerSchema(version) }
    for (index, migration) in migrations.enumerated() where index >= version {
      try connection.transaction {
        try connection.execute(migration)
        try connection.execute("PRAGMA user_version = \(index + 1)")
      }
    }
    return connection
  }

  /// Makes sure of a file that is its owner's alone: SQLite gives its log the same mode.
  private func prepareFile() throws {
    let descriptor = try SystemError.check("open \(path)") {
      Glibc.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
    }
    defer { close(descriptor) }
    var status = stat()
    try SystemError.check("fstat \(path)") { fstat(descriptor, &status) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_nlink == 1
    else { throw Refusal.notOurs }
    try SystemError.check("fchmod \(path)") { fchmod(descriptor, 0o600) }
  }

  private func dispose(as suffix: String, because cause: String) throws {
    logger.error(
      "a database cannot be used", metadata: ["path": "\(path)", "cause": "\(cause)"])
    switch disposal {
    case .erase: try remove()
    case .moveAside:
      for companion in Self.companions + [""] where access(path + companion, F_OK) == 0 {
        try PrivateFile.rename(path + companion, to: path + companion + suffix)
      }
    }
    report()
  }
}
