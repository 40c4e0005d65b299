import CSQLite

/// One connection to an SQLite database, for one thread at a time. Values are always bound, and each
/// statement is prepared once.
final class SQLiteConnection {
  /// What a column holds or a parameter is bound to.
  enum Value {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func integer(_ number: Int64?) -> Value { number.map { Value.integer($0) } ?? .null }
  }

  /// One row of a result, valid until the next is asked for. A column that is not of the type asked for
  /// is converted as SQLite does, so that nothing in a damaged file traps.
  struct Row {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    /// `nil` for NULL.
    func integerIfAny(_ column: Int32) -> Int64? {
      sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : integer(column)
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

    func bytes(_ column: Int32) -> [UInt8] {
      // In this order: asking for the bytes converts, and the count is that of what was converted.
      guard let start = sqlite3_column_blob(statement, column) else { return [] }
      let count = Int(sqlite3_column_bytes(statement, column))
      return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
  }

  private let handle: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]

  /// Opens a file that exists.
  init(path: String) throws(SQLiteError) {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      let error = SQLiteError(code: code, on: opened)
      sqlite3_close_v2(opened)
      throw error
    }
    sqlite3_extended_result_codes(opened, 1)
    handle = opened
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Carries out statements that give nothing and take nothing, such as those of a schema.
  func execute(_ statements: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle, statements, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteError(code: code, on: handle) }
  }

  /// Carries out a statement and returns how many rows it changed.
  @discardableResult
  func run(_ statement: String, _ values: Value...) throws(SQLiteError) -> Int {
    try forEachRow(of: statement, values) { _ in }
    return Int(sqlite3_changes(handle))
  }

  /// The rows of a query.
  func rows<Element>(_ query: String, _ values: Value..., read: (Row) -> Element)
    throws(SQLiteError) -> [Element]
  {
    var elements: [Element] = []
    try forEachRow(of: query, values) { elements.append(read($0)) }
    return elements
  }

  /// The first column of the first row; 0 without one.
  func number(_ query: String, _ values: Value...) throws(SQLiteError) -> Int64 {
    var number: Int64 = 0
    try forEachRow(of: query, values) { number = $0.integer(0) }
    return number
  }

  /// Carries out everything in the body or nothing of it.
  func transaction(_ body: () throws -> Void) throws {
    try execute("BEGIN IMMEDIATE")
    do {
      try body()
      try execute("COMMIT")
    } catch {
      // Some failures have ended it already, and there is nothing else to be done about the others.
      try? execute("ROLLBACK")
      throw error
    }
  }

  private func forEachRow(
    of text: String, _ values: [Value], _ body: (Row) -> Void
  ) throws(SQLiteError) {
    let statement = try prepared(text)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      let code = bind(value, to: statement, at: Int32(index + 1))
      guard code == SQLITE_OK else { throw SQLiteError(code: code, on: handle) }
    }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: body(Row(statement: statement))
      case SQLITE_DONE: return
      case let code: throw SQLiteError(code: code, on: handle)
      }
    }
  }

  private func prepared(_ text: String) throws(SQLiteError) -> OpaquePointer {
    if let statement = statements[text] { return statement }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw SQLiteError(code: code, on: handle) }
    statements[text] = statement
    return statement
  }

  private func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) -> Int32 {
    switch value {
    case .null: sqlite3_bind_null(statement, index)
    case .integer(let number): sqlite3_bind_int64(statement, index, number)
    case .text(var text):
      text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          martlet_bind_text(statement, index, $0.baseAddress, Int32($0.count))
        }
      }
    case .blob(let bytes):
      bytes.withUnsafeBytes { martlet_bind_blob(statement, index, $0.baseAddress, Int32($0.count)) }
    }
  }
}
