import CPostgres
import FoundationEssentials
import Subprocess
import SystemPackage

/// PostgreSQL's own programs for dumps, which reach a database as libpq does.
struct PostgresTools: Sendable {
  private let environment: [Environment.Key: String?]

  /// - Parameter connectionString: a URL or a libpq keyword string. It gets to the programs by their
  ///   environment: arguments are for all to see, and it may hold a password.
  init(_ connectionString: String) throws(OperatorError) {
    guard let options = PQconninfoParse(connectionString, nil) else {
      throw OperatorError("--database-url is no connection string of PostgreSQL.")
    }
    defer { PQconninfoFree(options) }
    var environment: [Environment.Key: String?] = [:]
    var next = options
    while next.pointee.keyword != nil {
      if let value = next.pointee.val, let variable = next.pointee.envvar,
        let key = Environment.Key(rawValue: String(cString: variable))
      {
        environment[key] = String(cString: value)
      }
      next += 1
    }
    self.environment = environment
  }

  /// Writes all of the database, as it is at one moment, to a file.
  func dump(to file: String) async throws(OperatorError) {
    try await run(
      "pg_dump",
      [
        "--format=custom", "--no-owner", "--no-privileges",
        // What nodes have told each other means nothing afterwards.
        "--exclude-table-data=nodes", "--exclude-table-data=node_events", "--file=\(file)",
      ])
  }

  /// Puts all of a dump into an empty database, or none of it.
  func restore(from file: String, into database: String) async throws(OperatorError) {
    try await run(
      "pg_restore",
      [
        "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
        "--dbname=\(database)", file,
      ])
  }

  private func run(_ program: String, _ arguments: [String]) async throws(OperatorError) {
    // Debian's wrapper in the path takes the newest there is, which knows all servers before it.
    try await runTool(program, arguments, environment: .inherit.updating(environment))
  }
}

/// Runs a program of the system, and waits for it.
///
/// - Throws: ``OperatorError`` with the last that it said when it does not end well.
func runTool(
  _ program: String, _ arguments: [String], in directory: String? = nil,
  environment: Environment = .inherit
) async throws(OperatorError) {
  let outcome: (isSuccess: Bool, output: String)
  do {
    let run = try await Subprocess.run(
      .name(program), arguments: Arguments(arguments), environment: environment,
      workingDirectory: directory.map { FilePath($0) },
      output: .string(limit: 1 << 16), error: .combinedWithOutput)
    outcome = (run.terminationStatus.isSuccess, run.standardOutput)
  } catch {
    throw OperatorError("Cannot run \(program): \(error).")
  }
  guard outcome.isSuccess else {
    throw OperatorError("\(program) failed: \(outcome.output.complaint)")
  }
}
