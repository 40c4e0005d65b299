import Glibc
import Subprocess
import SystemPackage

/// The programs of an installed PostgreSQL.
struct PostgresPrograms: Sendable {
  /// The major version.
  let version: Int
  private let directory: String

  /// Finds the newest PostgreSQL, or the one that made an existing cluster.
  ///
  /// - Parameter wanted: the major version of an existing cluster; `nil` for any from 15 on.
  static func find(version wanted: Int?) throws(OperatorError) -> PostgresPrograms {
    let candidates = versionDirectories().filter { $0.version >= 15 }
    let found = candidates.filter { wanted == nil || $0.version == wanted }
      .max { $0.version < $1.version }
    guard let found else {
      let version = wanted.map { "PostgreSQL \($0), which made this data directory," }
      throw OperatorError(
        "\(version ?? "PostgreSQL 15 or later") is not installed; install its server package "
          + "(postgresql\(wanted.map { "-\($0)" } ?? "")), or give --database-url.")
    }
    return found
  }

  /// Where Debian, Ubuntu, Fedora and Arch put the server's programs.
  private static func versionDirectories() -> [PostgresPrograms] {
    var found: [PostgresPrograms] = []
    for version in 15...30 {
      for directory in ["/usr/lib/postgresql/\(version)/bin", "/usr/pgsql-\(version)/bin"]
      where access(directory + "/initdb", X_OK) == 0 {
        found.append(PostgresPrograms(version: version, directory: directory))
      }
    }
    return found
  }

  /// What a program printed and how it ended.
  struct Outcome: Sendable {
    let isSuccess: Bool
    let status: Int32
    let output: String
  }

  /// Runs one of the programs and waits for it; as the user `postgres` when we are root, since
  /// PostgreSQL refuses to run as root.
  func run(_ program: String, _ arguments: [String]) async throws(OperatorError) -> Outcome {
    let path = "\(directory)/\(program)"
    do {
      let asRoot = getuid() == 0
      let outcome = try await Subprocess.run(
        asRoot ? .name("setpriv") : .path(FilePath(path)),
        arguments: Arguments(
          (asRoot ? ["--reuid=postgres", "--regid=postgres", "--init-groups", path] : [])
            + arguments),
        // A directory in which the database's user may be; ours may be closed to it.
        workingDirectory: "/",
        output: .string(limit: 1 << 20), error: .combinedWithOutput)
      guard case .exited(let status) = outcome.terminationStatus else {
        return Outcome(isSuccess: false, status: -1, output: outcome.standardOutput)
      }
      return Outcome(
        isSuccess: status == 0, status: status, output: outcome.standardOutput)
    } catch {
      throw OperatorError("Cannot run \(path): \(error).")
    }
  }

  /// Removes a directory and all that is in it, if it is there.
  static func removeDirectory(_ path: String) async throws(OperatorError) {
    do {
      let outcome = try await Subprocess.run(
        .name("rm"), arguments: ["-rf", "--", path], output: .discarded)
      guard outcome.terminationStatus.isSuccess else {
        throw OperatorError("Cannot remove \(path).")
      }
    } catch {
      throw OperatorError("Cannot remove \(path): \(error).")
    }
  }
}
