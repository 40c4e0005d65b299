import Glibc
import TortureCore

/// What a trial leaves: a journal for each client, and the dump of the database.
struct Evidence {
  let journals: [Journal]
  let database: DatabaseRows

  static func journal(of client: Int) -> String { "client-\(client).journal" }
  static let dump = "database.dump"

  init(in directory: String) throws {
    var journals: [Journal] = []
    while access("\(directory)/\(Self.journal(of: journals.count + 1))", R_OK) == 0 {
      let name = Self.journal(of: journals.count + 1)
      journals.append(
        try Journal(
          name: name,
          contents: String(decoding: try readAll("\(directory)/\(name)"), as: UTF8.self)))
    }
    self.journals = journals
    database = try DatabaseRows(
      dump: String(decoding: try readAll("\(directory)/\(Self.dump)"), as: UTF8.self))
  }
}
