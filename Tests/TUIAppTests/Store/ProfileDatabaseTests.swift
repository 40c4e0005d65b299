import Logging
import Testing

@testable import TUIApp

/// What is asked of SQLite, and what it does.
struct ProfileDatabaseTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// SQLite overwrites what it deletes, but not the copies that it leaves in a page when it moves rows
  /// to another: some orders of insertion leave such, most do not.
  @Test func whatIsDeletedIsNowhereOnceItIsScrubbed() throws {
    var random = Order(state: 1)
    for round in 1...12 {
      let connection = try open("\(round).db")
      try connection.transaction {
        for row in (0..<1200).shuffled(using: &random) {
          let text = row % 3 == 1 ? "机密 \(row)" : "kept \(row)"
          try connection.run(
            "INSERT INTO entry (kind, number, text) VALUES (?, ?, ?)", .integer(Int64(row % 3)),
            .integer(Int64(row)),
            .text(text + String(repeating: "x", count: Int.random(in: 0..<600, using: &random))))
        }
      }
      try connection.run("DELETE FROM entry WHERE kind = 1")
      try ProfileDatabase.scrub(connection)
      #expect(try connection.number("SELECT count(*) FROM entry") == 800)
    }
    #expect(try directory.files(holding: "机密") == [])
    #expect(try directory.files(holding: "kept 3").count == 12, "the test finds nothing")
  }

  @Test func aFullDiskIsToldFromOtherTrouble() throws {
    let connection = try open("full.db")
    try connection.execute("PRAGMA max_page_count = 8")
    let text = SQLiteConnection.Value.text(String(repeating: "x", count: 3000))
    let error = #expect(throws: SQLiteError.self) {
      try connection.transaction {
        for number in Int64(1)...20 {
          try connection.run(
            "INSERT INTO entry (kind, number, text) VALUES (0, ?, ?)", .integer(number), text)
        }
      }
    }
    #expect(error?.isFull == true && error?.isDamage == false)
    // All of it or nothing; and it goes on with what there is room for.
    #expect(try connection.number("SELECT count(*) FROM entry") == 0)
    try connection.run("INSERT INTO entry (kind, number, text) VALUES (0, 1, ?)", text)
    #expect(try connection.number("SELECT count(*) FROM entry") == 1)
  }

  @Test func eachMigrationIsCarriedOutOnce() throws {
    do {
      let connection = try open("a.db")
      try connection.run("INSERT INTO entry (kind, number, text) VALUES (1, 2, 'three')")
    }
    let connection = try file("a.db").open(
      migrations: [Self.schema, "ALTER TABLE entry ADD COLUMN extra INTEGER NOT NULL DEFAULT 4"])
    #expect(try connection.number("SELECT extra FROM entry") == 4)
    #expect(try connection.number("PRAGMA user_version") == 2)
  }

  private static let schema = """
    CREATE TABLE entry (
      kind INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL,
      PRIMARY KEY (kind, number)) STRICT, WITHOUT ROWID
    """

  private func open(_ name: String) throws -> SQLiteConnection {
    try file(name).open(migrations: [Self.schema])
  }

  private func file(_ name: String) -> ProfileDatabase {
    ProfileDatabase(
      path: "\(directory.path)/\(name)", disposal: .erase,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, report: {})
  }
}

/// The same order at every run (Knuth's MMIX).
private struct Order: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    // The low bits have short periods.
    return state ^ (state >> 33)
  }
}
