import Glibc
import Logging

/// How the SQLite databases of a profile are opened: for their owner only, with what is deleted
/// overwritten, at the newest schema, and whatever cannot be used moved aside.
enum ProfileDatabase {
  /// Why a file is not used.
  enum Refusal: Error {
    /// It is no regular file, or belongs to somebody else.
    case notOurs
    /// A later version of Martlet has written it.
    case newerSchema(Int64)
  }

  /// What SQLite keeps beside a database.
  private static let companions = ["-wal", "-shm", "-journal"]
  /// Under what names a database that cannot be used is kept.
  private static let asides = [".damaged", ".newer"]

  /// Opens a database, which is made when it is not there.
  ///
  /// A damaged one, and one of a later version, is moved aside, with a line in the log, and an empty
  /// one takes its place.
  ///
  /// - Parameter migrations: What leads from each schema to the next, append-only; each is carried out
  ///   once, in a transaction. The number of those carried out is the database's `user_version`.
  static func open(_ path: String, migrations: [String], logger: Logger) throws -> SQLiteConnection
  {
    do {
      return try connect(to: path, migrations: migrations)
    } catch let error as SQLiteError where error.isDamage {
      try setAside(path, because: error, logger: logger)
    } catch Refusal.newerSchema(let version) {
      logger.error("a database is newer and moved aside", metadata: ["schema": "\(version)"])
      try moveAside(path, as: ".newer")
    }
    return try connect(to: path, migrations: migrations)
  }

  /// Moves a damaged database aside, once it is closed.
  static func setAside(_ path: String, because error: SQLiteError, logger: Logger) throws {
    logger.error("a database is damaged and moved aside", metadata: ["error": "\(error)"])
    try moveAside(path, as: ".damaged")
  }

  /// Removes a database that is not open, with all that was ever moved aside of it.
  static func remove(_ path: String) throws(SystemError) {
    // The log first: on its own it would be taken for that of the next database.
    for suffix in companions + [""] {
      for aside in [""] + asides { try PrivateFile.remove(path + suffix + aside) }
    }
  }

  /// Overwrites everything that was deleted, wherever a copy may be left: in the pages of the file and
  /// in its log. `secure_delete` alone leaves what a page was rearranged around.
  static func scrub(_ connection: SQLiteConnection) throws(SQLiteError) {
    try connection.execute("VACUUM")
    _ = try connection.number("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private static func connect(to path: String, migrations: [String]) throws -> SQLiteConnection {
    try prepareFile(path)
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
  private static func prepareFile(_ path: String) throws {
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

  private static func moveAside(_ path: String, as suffix: String) throws(SystemError) {
    for companion in companions + [""] {
      guard access(path + companion, F_OK) == 0 else { continue }
      try PrivateFile.rename(path + companion, to: path + companion + suffix)
    }
  }
}
