import CPostgres
import Glibc
import MartletProtocol

/// One blocking connection to PostgreSQL.
///
/// It is `Sendable` so that it can wait in a pool; whoever has taken it out uses it alone.
final class PostgresConnection: @unchecked Sendable {
  private let handle: OpaquePointer
  private var prepared: Set<String> = []
  /// How many prepared statements have been run.
  private var executions = 0
  /// An error came that the server did not send.
  private var hasFailed = false

  /// Connects and sets the session up.
  ///
  /// - Parameters:
  ///   - connectionString: a URL or a libpq keyword string, as `PQconnectdb` takes it.
  ///   - lockTimeout: how long a statement waits for what somebody else has locked; `nil` for as long
  ///     as it takes.
  init(_ connectionString: String, lockTimeout: Duration? = nil) throws(PostgresError) {
    // Later entries win: what stands before `dbname`, which is expanded, are defaults that a
    // connection string may override.
    let keywords = ["fallback_application_name", "connect_timeout", "tcp_user_timeout", "dbname"]
    let values = ["martletd", "5", "10000", connectionString]
    guard
      let handle = withCStrings(
        keywords,
        { keywords in
          withCStrings(values) { values in PQconnectdbParams(keywords, values, 1) }
        })
    else { throw PostgresError(kind: .connection, cause: "out of memory") }
    // From here on `deinit` gives the handle back, also when this throws.
    self.handle = handle
    guard PQstatus(handle) == CONNECTION_OK else {
      throw PostgresError(kind: .connection, cause: String(cString: PQerrorMessage(handle)))
    }
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    guard PQsetClientEncoding(handle, "UTF8") == 0 else {
      throw PostgresError(
        kind: .other(sqlState: ""), cause: "the database does not speak UTF-8")
    }
    // The many parts of `messages` make statements look dear that take a millisecond: compiling them
    // takes a hundred.
    try execute(sql: "SET jit = off")
    if let lockTimeout {
      try execute(sql: "SET lock_timeout = \(Int(lockTimeout / .milliseconds(1)))")
    }
  }

  /// What is wrong with a connection string, as libpq says it; `nil` for a right one.
  static func problem(_ connectionString: String) -> String? {
    var message: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(connectionString, &message)
    defer {
      PQconninfoFree(options)
      PQfreemem(message)
    }
    guard options == nil else { return nil }
    return message.map { String(cString: $0).split(whereSeparator: \.isNewline).joined() } ?? ""
  }

  /// Whether a server answers that a connection string names, whoever asks: it may still let nobody in.
  static func isAnswering(_ connectionString: String) -> Bool {
    PQping(connectionString) == PQPING_OK
  }

  deinit {
    PQfinish(handle)
  }

  /// Whether the connection is beyond use.
  var isBroken: Bool { hasFailed || PQstatus(handle) != CONNECTION_OK }

  /// The server's version as `PQserverVersion` gives it: 150018 for 15.18.
  var serverVersion: Int { Int(PQserverVersion(handle)) }

  /// Waits until a channel that is listened to has something, or for so long.
  ///
  /// - Throws: ``PostgresError`` when the connection was lost.
  func waitForNotification(atMost patience: Duration) throws(PostgresError) {
    var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    _ = poll(&socket, 1, Int32(patience / .milliseconds(1)))
    guard PQconsumeInput(handle) == 1 else {
      hasFailed = true
      throw PostgresError(kind: .connection, cause: String(cString: PQerrorMessage(handle)))
    }
    while let notification = PQnotifies(handle) { PQfreemem(notification) }
  }

  /// What breaks off the statement that this connection runs then.
  func canceller() -> PostgresCanceller { PostgresCanceller(connection: handle) }

  /// Runs SQL without binds, several statements perhaps.
  func execute(sql: String) throws(PostgresError) {
    try check(PQexec(handle, sql))
  }

  /// Runs a statement, preparing it on first use if it is planned once, and reads its rows.
  func execute<Statement: PostgresStatement>(
    _ statement: Statement
  ) throws(PostgresError) -> [Statement.Row] {
    let binds = statement.binds
    let (count, types) = (Int32(binds.count), binds.map(\.typeIdentifier))
    let result: OpaquePointer?
    if Statement.isPlannedForItsBinds {
      result = withValues(of: binds) { values, lengths, formats in
        PQexecParams(handle, Statement.sql, count, types, values, lengths, formats, 1)
      }
    } else {
      try discardPlansOfSmallerTables()
      let name = String(describing: Statement.self)
      if !prepared.contains(name) {
        try check(PQprepare(handle, name, Statement.sql, count, types))
        prepared.insert(name)
      }
      result = withValues(of: binds) { values, lengths, formats in
        PQexecPrepared(handle, name, count, values, lengths, formats, 1)
      }
    }
    defer { PQclear(result) }
    try inspect(result)
    var rows: [Statement.Row] = []
    let rowCount = PQntuples(result)
    rows.reserveCapacity(Int(rowCount))
    for index in 0..<rowCount {
      guard let result else { break }
      var row = PostgresRow(result: result, row: index)
      rows.append(try Statement.decode(&row))
    }
    return rows
  }

  /// PostgreSQL makes the plan of a prepared statement for tables as large as they are then. If they are
  /// as good as empty, as on a new server, it reads them whole, and goes on to do so until autovacuum has
  /// looked at them, however large they have become. So plans are made anew when twice as much was done.
  private func discardPlansOfSmallerTables() throws(PostgresError) {
    executions += 1
    guard executions >= 16, executions.nonzeroBitCount == 1 else { return }
    try execute(sql: "DISCARD PLANS")
  }

  /// Runs `body` in a transaction, which is rolled back when it throws.
  func transaction<Value>(
    _ body: () throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    try execute(sql: "BEGIN")
    do {
      let value = try body()
      try execute(sql: "COMMIT")
      return value
    } catch {
      // The first failure is the one to report; a connection that cannot roll back is broken,
      // and the server rolls back by itself.
      do { try execute(sql: "ROLLBACK") } catch {}
      throw error
    }
  }

  /// Calls `body` with what libpq wants to know of binds.
  private func withValues(
    of binds: [PostgresBind],
    _ body: (
      _ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]
    ) -> OpaquePointer?
  ) -> OpaquePointer? {
    var bytes: [UInt8] = []
    var starts: [Int] = []
    for bind in binds {
      starts.append(bytes.count)
      bind.write(to: &bytes)
    }
    let ends = starts.dropFirst() + [bytes.count]
    let lengths = zip(starts, ends).map { Int32(clamping: $1 - $0) }
    // A null pointer would mean NULL, and an empty array may have one.
    bytes.append(0)
    return bytes.withUnsafeBytes { buffer in
      let values = starts.map { start in
        buffer.baseAddress.map { ($0 + start).assumingMemoryBound(to: CChar.self) }
      }
      return body(values, lengths, [Int32](repeating: 1, count: binds.count))
    }
  }

  private func check(_ result: OpaquePointer?) throws(PostgresError) {
    defer { PQclear(result) }
    try inspect(result)
  }

  private func inspect(_ result: OpaquePointer?) throws(PostgresError) {
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return
    default: break
    }
    let cause = String(cString: PQerrorMessage(handle))
    let field = { (code: Int) in
      PQresultErrorField(result, Int32(code)).map { String(cString: $0) } ?? ""
    }
    let state = field(Self.sqlStateField)
    // Only the server's errors have a code. One without is libpq's own: it could not send or receive,
    // which does not always show in the connection's status before the next attempt to read.
    if state.isEmpty { hasFailed = true }
    let kind: PostgresError.Kind
    switch state {
    // Classes 08, connection exceptions, and 57P: shut down, crashed, starting, dropped.
    case _ where isBroken || state.hasPrefix("08") || state.hasPrefix("57P"): kind = .connection
    case "23505": kind = .uniqueViolation(constraint: field(Self.constraintField))
    case "23503": kind = .foreignKeyViolation
    case "40001", "40P01": kind = .serialization
    case "42P01", "42883", "42703": kind = .missingSchema
    case "55P03": kind = .locked
    case "25006": kind = .insufficientResources
    case _ where state.hasPrefix("53"): kind = .insufficientResources
    default: kind = .other(sqlState: state)
    }
    throw PostgresError(kind: kind, cause: cause)
  }

  // `PG_DIAG_SQLSTATE` and `PG_DIAG_CONSTRAINT_NAME` are characters in C and do not import.
  private static let sqlStateField = Int(UInt8(ascii: "C"))
  private static let constraintField = Int(UInt8(ascii: "n"))
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<Value>(
  _ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Value
) -> Value {
  var pointers: [UnsafePointer<CChar>?] = []
  func next(_ index: Int) -> Value {
    guard index < strings.count else { return body(pointers + [nil]) }
    return strings[index].withCString { pointer in
      pointers.append(pointer)
      return next(index + 1)
    }
  }
  return next(0)
}
