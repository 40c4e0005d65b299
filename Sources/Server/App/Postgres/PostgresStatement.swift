/// One SQL statement with its binds and its row: one type per statement. The type's name is the name
/// under which it is prepared.
protocol PostgresStatement {
  associatedtype Row
  static var sql: String { get }
  /// The values for `$1`, `$2` ..., always of the same types.
  var binds: [PostgresBind] { get }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Row
}

extension PostgresStatement where Row == Void {
  static func decode(_ row: inout PostgresRow) throws(PostgresError) {}
}
