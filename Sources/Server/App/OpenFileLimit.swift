import Glibc

/// How many files and sockets this process may have open.
enum OpenFileLimit {
  /// Raises it as far as a process may by itself. Returns what it is then.
  ///
  /// Shells and service managers start processes with a low limit for the sake of programs that use
  /// `select`, and leave it to others to raise it.
  static func raise() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    let current = limit.rlim_cur
    limit.rlim_cur = limit.rlim_max
    let raised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    return Int(clamping: raised ? limit.rlim_max : current)
  }

  /// How many connections fit beside what else is open: the files on their way (``Transfers``), the
  /// database's sockets, libraries.
  static func connections(of files: Int) -> Int { max(files - 256, 1) }
}
