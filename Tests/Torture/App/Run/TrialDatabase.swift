import Glibc
import TortureCore

/// The database of the servers under trial, seen from outside.
struct TrialDatabase: Sendable {
  private let arena: Arena
  /// Where the cluster is that is written to.
  private let place: @Sendable () -> String

  private var directory: String { place() }

  init(arena: Arena, in place: @escaping @Sendable () -> String) {
    self.arena = arena
    self.place = place
  }

  /// The postmaster; `nil` while there is none.
  var postmaster: pid_t? {
    guard let bytes = try? readAll(directory + "/postmaster.pid"),
      let id = pid_t(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)),
      // The file of one that was killed names a process that is something else by now.
      commandLine(of: id).contains(directory)
    else { return nil }
    return id
  }

  /// The processes of the database but for the postmaster.
  func backends(of postmaster: pid_t) -> [pid_t] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var found: [pid_t] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let id = pid_t(name), parent(of: id) == postmaster { found.append(id) }
    }
    return found.sorted()
  }

  private func commandLine(of id: pid_t) -> String {
    String(decoding: (try? readAll("/proc/\(id)/cmdline")) ?? [], as: UTF8.self)
  }

  private func parent(of id: pid_t) -> pid_t? {
    // The name, in parentheses, may hold anything; behind it come the state and the parent.
    String(decoding: (try? readAll("/proc/\(id)/stat")) ?? [], as: UTF8.self)
      .split(separator: ")").last.flatMap { pid_t($0.split(separator: " ")[1]) }
  }

  /// Runs SQL and returns what psql printed; throws while the database is away.
  @discardableResult
  func run(_ sql: String) async throws -> String {
    let output = arena.path + "/psql.out"
    unlink(output)
    let psql = try ChildProcess(
      "psql",
      [
        "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory, "-U", "martlet",
        "-d", "martlet", "-o", output, "-c", sql,
      ], log: arena.path + "/psql.log")
    guard try await psql.waitUntilEnded(atMost: .seconds(60)) else {
      psql.signal(SIGKILL)
      throw SystemFailure(because: "psql did not end")
    }
    guard psql.hasSucceeded else { throw SystemFailure(because: "psql has failed") }
    return String(decoding: try readAll(output), as: UTF8.self)
  }

  /// All rows, as ``DatabaseRows/init(dump:)`` reads them.
  func dump() async throws -> String { try await run(DatabaseRows.dumpScript) }
}
