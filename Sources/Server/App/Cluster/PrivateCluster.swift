import Glibc
import Logging

/// A PostgreSQL cluster of the server's own, in its data directory: reached through a socket there
/// and by nobody else, so that an operator needs no second component.
///
/// It outlives a killed server. The next one on the same directory takes it over.
struct PrivateCluster: Sendable {
  /// The cluster's role and database.
  private static let role = "martlet"

  private let directory: String
  private let programs: PostgresPrograms
  private let owner: DatabaseUser
  private let logger: Logger

  /// Makes the cluster, or finds the one made before.
  ///
  /// - Parameter dataDirectory: an existing directory claimed by this process.
  init(in dataDirectory: String, logger: Logger) async throws(OperatorError) {
    directory = Self.absolute(dataDirectory) + "/postgres"
    self.logger = logger
    owner = try Self.databaseUser()
    guard directory.utf8.count <= Self.longestSocketDirectory else {
      throw OperatorError(
        "The path \(dataDirectory) is too long for a database socket (\(directory.utf8.count) "
          + "bytes of \(Self.longestSocketDirectory)); choose a shorter --data-directory.")
    }
    guard !directory.contains(where: Self.troublesome.contains) else {
      throw OperatorError(
        "The path \(dataDirectory) has one of the characters \(Self.troublesome), which PostgreSQL "
          + "does not bear there; choose another --data-directory.")
    }
    if let version = try Self.clusterVersion(in: directory) {
      programs = try PostgresPrograms.find(version: version)
    } else {
      programs = try PostgresPrograms.find(version: nil)
      try await create()
    }
  }

  /// Whether there is one in a data directory.
  static func exists(in dataDirectory: String) -> Bool {
    access(dataDirectory + "/postgres/PG_VERSION", F_OK) == 0
  }

  /// `sun_path` holds 108 bytes on Linux, of which `/.s.PGSQL.5432` and a NUL take 15.
  private static let longestSocketDirectory = 93

  /// libpq takes a comma for the end of one host in a list, and `pg_ctl` passes paths to a shell in
  /// double quotes.
  private static let troublesome = ",\"$`\\"

  /// How libpq reaches the cluster.
  var connectionString: String {
    "host='\(directory.escapedForConnectionString)' user=\(Self.role) dbname=\(Self.role)"
  }

  /// What the operating system knows the cluster by: the file number of `pg_control`, which PostgreSQL
  /// makes once and writes in its place for ever, while a copy that is put back is another file. 0 where
  /// it cannot be told.
  var home: Int64 {
    var status = stat()
    guard lstat(directory + "/global/pg_control", &status) == 0 else { return 0 }
    return Int64(truncatingIfNeeded: status.st_ino)
  }

  private var maintenanceConnectionString: String {
    "host='\(directory.escapedForConnectionString)' user=\(Self.role) dbname=postgres"
  }

  /// Starts the cluster if it does not run, and waits until it answers.
  ///
  /// - Throws: ``OperatorError`` when it does not within a minute; it may be running then.
  func start() async throws(OperatorError) {
    try configure()
    let deadline = ContinuousClock.now + Self.patience
    if try await isRunning() {
      logger.notice("taking over the database that an earlier server left running")
    }
    while true {
      // One taken over may be about to stop, and be gone at the second look.
      if try await !isRunning() { try await launch() }
      do {
        return try createDatabase()
      } catch {
        // It may also be recovering from a crash.
        guard error.kind == .connection, ContinuousClock.now < deadline else {
          throw OperatorError("The private database does not answer: \(error.cause.complaint)")
        }
      }
      do {
        try await Task.sleep(for: .milliseconds(100))
      } catch {
        throw OperatorError("The start of the private database was given up.")
      }
    }
  }

  private static let patience = Duration.seconds(60)

  private func launch() async throws(OperatorError) {
    let outcome = try await programs.run(
      "pg_ctl",
      ["start", "-D", directory, "-l", directory + "/startup.log", "-w", "-t", "60", "-s"])
    guard outcome.isSuccess else {
      throw OperatorError(
        "The private database did not start; \(directory)/startup.log and \(directory)/log "
          + "say why.")
    }
  }

  /// Starts the cluster again should it have died.
  func restartIfDead() async throws(OperatorError) {
    guard try await !isRunning() else { return }
    logger.warning("the private database has died; starting it again")
    try await start()
  }

  /// Stops the cluster in an orderly way.
  func stop() async throws(OperatorError) {
    let outcome = try await programs.run(
      "pg_ctl", ["stop", "-D", directory, "-m", "fast", "-w", "-t", "60", "-s"])
    guard outcome.isSuccess else {
      throw OperatorError("The private database did not stop: \(outcome.output)")
    }
  }

  private func isRunning() async throws(OperatorError) -> Bool {
    try await programs.run("pg_ctl", ["status", "-D", directory]).isSuccess
  }

  /// Makes the cluster beside its place and moves it there when it is whole, so that a crash
  /// midway leaves nothing that looks like a cluster.
  private func create() async throws(OperatorError) {
    logger.notice("making a private database", metadata: ["directory": "\(directory)"])
    let unfinished = directory + ".unfinished"
    // What a crash midway left; initdb wants an empty directory.
    try await PostgresPrograms.removeDirectory(unfinished)
    try DataDirectory.makeDirectory(unfinished, mode: 0o700)
    guard owner.takes(unfinished) else {
      throw OperatorError("Cannot give \(unfinished) to the database's user.")
    }
    let outcome = try await programs.run(
      "initdb",
      [
        "-D", unfinished, "--username=\(Self.role)", "--encoding=UTF8", "--locale=C",
        "--auth-local=peer", "--auth-host=reject", "--data-checksums",
      ])
    guard outcome.isSuccess else {
      throw OperatorError(
        "The private database could not be made in \(unfinished)"
          + (getuid() == 0 && outcome.output.contains("Permission denied")
            ? "; the user postgres must be able to enter the directories above it" : "")
          + ": \(outcome.output.complaint)")
    }
    // Read last but for ALTER SYSTEM, so that an operator can still tune.
    try append("include 'martlet.conf'", to: unfinished + "/postgresql.conf")
    guard rename(unfinished, directory) == 0 else {
      throw OperatorError("Cannot move \(unfinished) to its place.")
    }
  }

  /// Writes the settings, every time: a cluster made by an older martletd gets the present ones.
  private func configure() throws(OperatorError) {
    try write(
      """
      # Written by martletd at every start.
      listen_addresses = ''
      unix_socket_directories = '\(directory.replacing("'", with: "''"))'
      max_connections = 50
      shared_buffers = 128MB
      logging_collector = on
      log_directory = 'log'
      log_filename = 'postgresql-%a.log'
      log_rotation_age = 1d
      log_truncate_on_rotation = on
      hba_file = '\(directory.replacing("'", with: "''"))/martlet_hba.conf'
      ident_file = '\(directory.replacing("'", with: "''"))/martlet_ident.conf'
      """, to: "martlet.conf")
    try write("local all,replication \(Self.role) peer map=martlet", to: "martlet_hba.conf")
    let users = Set([owner.name, "root"])
    try write(
      users.sorted().map { "martlet \"\($0)\" \(Self.role)" }.joined(separator: "\n"),
      to: "martlet_ident.conf")
  }

  private func append(_ line: String, to path: String) throws(OperatorError) {
    let file = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
    defer { if file >= 0 { close(file) } }
    let bytes = Array((line + "\n").utf8)
    guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
      throw OperatorError("Cannot write \(path): \(String(cString: strerror(errno))).")
    }
  }

  private func write(_ text: String, to name: String) throws(OperatorError) {
    let path = "\(directory)/\(name)"
    let temporary = path + ".new"
    unlink(temporary)
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw OperatorError("Cannot write \(path): \(String(cString: strerror(errno))).")
    }
    defer { close(file) }
    let bytes = Array((text + "\n").utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count,
      owner.takes(file), fsync(file) == 0,
      rename(temporary, path) == 0
    else { throw OperatorError("Cannot write \(path): \(String(cString: strerror(errno))).") }
  }

  private func createDatabase() throws(PostgresError) {
    let connection = try PostgresConnection(maintenanceConnectionString)
    let exists = try connection.execute(FindDatabase(name: Self.role)).first != nil
    if !exists { try connection.execute(sql: "CREATE DATABASE \(Self.role)") }
  }

  private static func clusterVersion(in directory: String) throws(OperatorError) -> Int? {
    let path = directory + "/PG_VERSION"
    guard let file = fopen(path, "r") else {
      guard errno == ENOENT else {
        throw OperatorError("Cannot read \(path): \(String(cString: strerror(errno))).")
      }
      return nil
    }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 32)
    guard fgets(&buffer, Int32(buffer.count), file) != nil,
      let version = Int(
        String(decoding: buffer.map(UInt8.init(bitPattern:)), as: UTF8.self)
          .prefix { $0.isNumber })
    else { throw OperatorError("\(path) does not hold a version of PostgreSQL.") }
    return version
  }

  /// Whose processes the database's are: ours, or `postgres` when we are root.
  private static func databaseUser() throws(OperatorError) -> DatabaseUser {
    guard let entry = passwordEntry() else {
      throw OperatorError(
        getuid() == 0
          ? "There is no user postgres, as whom the database would run; install PostgreSQL's "
            + "server package, or start martletd as another user than root."
          : "The user running martletd has no entry in the password database.")
    }
    return entry
  }

  private static func passwordEntry() -> DatabaseUser? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 * 1024) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      // Those without `_r` share one buffer among all threads.
      let status =
        getuid() == 0
        ? getpwnam_r("postgres", &entry, start, buffer.count, &found)
        : getpwuid_r(getuid(), &entry, start, buffer.count, &found)
      guard status == 0, found != nil else { return nil }
      return DatabaseUser(
        name: String(cString: entry.pw_name), user: entry.pw_uid, group: entry.pw_gid)
    }
  }

  private static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// What is needed of an entry of the password database.
struct DatabaseUser: Sendable {
  let name: String
  let user: uid_t
  let group: gid_t

  /// Gives it what we have made. What is its own then already is left alone: the unit of systemd forbids
  /// to change owners, even to the same.
  func takes(_ path: String) -> Bool { user == geteuid() || chown(path, user, group) == 0 }

  /// Gives it a file that we have open.
  func takes(_ file: Int32) -> Bool { user == geteuid() || fchown(file, user, group) == 0 }
}

private struct FindDatabase: PostgresStatement {
  let name: String
  static let sql = "SELECT datname::text FROM pg_database WHERE datname = $1"
  var binds: [PostgresBind] { [.text(name)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> String { try row.text() }
}

extension String {
  /// As libpq's quoted values want it.
  fileprivate var escapedForConnectionString: String {
    replacing("\\", with: "\\\\").replacing("'", with: "\\'")
  }
}
