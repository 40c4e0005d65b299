/// One SQL statement with its binds and its row: one type per statement. The type's name is the name
/// under which it is prepared.
protocol PostgresStatement {
  associatedtype Row
  static var sql: String { get }
  /// The values for `$1`, `$2` ..., always of the same types.
  var binds: [PostgresBind] { get }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Row
  /// Whether it is planned for its binds each time. A plan for any binds locks all parts of a parted
  /// table, and waits while one of them is written anew; one for a given conversation locks its part.
  static var isPlannedForItsBinds: Bool { get }
}

extension PostgresStatement {
  static var isPlannedForItsBinds: Bool { false }
}

extension PostgresStatement where Row == Void {
  static func decode(_ row: inout PostgresRow) throws(PostgresError) {}
}
