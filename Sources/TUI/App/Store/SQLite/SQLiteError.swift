import CSQLite

/// Something that SQLite could not do.
struct SQLiteError: Error, CustomStringConvertible {
  /// The extended result code (https://www.sqlite.org/rescode.html).
  let code: Int32
  /// SQLite's own words, in which no values occur.
  let message: String

  /// What went wrong last on a connection.
  init(code: Int32, on connection: OpaquePointer?) {
    self.code = code
    message = String(cString: connection.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
  }

  /// Whether the file is no database, or one that is damaged: trying again is no use.
  var isDamage: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF) }

  /// Whether the disk, or the room that the file may take, is full.
  var isFull: Bool { code & 0xFF == SQLITE_FULL }

  var description: String { "SQLite \(code): \(message)" }
}
