import Glibc

/// Where programs are looked for, as a shell does.
struct ProgramPath: Sendable {
  private let directories: [String]

  /// - Parameter path: `PATH` of the environment.
  init(_ path: String?) {
    // An empty entry would be the working directory: not where programs are taken from.
    directories = (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
      .filter { $0.hasPrefix("/") }
  }

  /// The program's own path; `nil` when it is not there. A name with a slash is a path.
  func find(_ name: String) -> String? {
    guard !name.contains("/") else { return Self.isProgram(name) ? name : nil }
    return directories.lazy.map { "\($0)/\(name)" }.first(where: Self.isProgram)
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }
}
