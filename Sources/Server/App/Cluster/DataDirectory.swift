import Glibc
import Synchronization

/// The directory that belongs to one running server: its database cluster and, in time, its files.
final class DataDirectory: Sendable {
  /// The FHS's place for a service run by root, the XDG's for anybody else's.
  static var usualPath: String {
    if getuid() == 0 { return "/var/lib/martlet" }
    let variable = { (name: String) in getenv(name).map { String(cString: $0) } }
    return (variable("XDG_DATA_HOME") ?? "\(variable("HOME") ?? ".")/.local/share")
      + "/martlet/server"
  }

  let path: String
  private let lock: Mutex<Int32?>

  /// Makes the directory if need be and claims it until ``release()``, or for as long as this object
  /// lives.
  ///
  /// - Throws: ``OperatorError`` when it cannot be made or another server has it.
  init(path: String) throws(OperatorError) {
    // Started by root, the database runs as another user, who must be able to pass through.
    try Self.makeDirectory(path, mode: getuid() == 0 ? 0o711 : 0o700)
    let lockPath = path + "/lock"
    // Not inherited, so that a database outliving us does not hold the claim.
    let lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else {
      throw OperatorError("Cannot write to \(path): \(String(cString: strerror(errno))).")
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw OperatorError(
        "Another martletd is using \(path); stop it, or give this one a directory of its own "
          + "with --data-directory.")
    }
    self.path = path
    self.lock = Mutex(lock)
  }

  deinit {
    release()
  }

  /// Lets another server have the directory.
  func release() {
    lock.withLock { lock in
      if let lock { close(lock) }
      lock = nil
    }
  }

  /// Whoever may write to the directory can put a link or a database of theirs in the place of ours.
  private static func checkOwner(of path: String, _ status: stat) throws(OperatorError) {
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw OperatorError(
        "\(path) belongs to somebody else; choose another with --data-directory, or make it yours.")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw OperatorError("Others may write to \(path); run 'chmod go-w' on it.")
    }
  }

  /// Makes a directory and those above it.
  static func makeDirectory(_ path: String, mode: mode_t) throws(OperatorError) {
    var prefix = path.hasPrefix("/") ? "" : "."
    let parts = path.split(separator: "/")
    for (index, part) in parts.enumerated() {
      prefix += "/" + part
      let isLast = index == parts.count - 1
      guard mkdir(prefix, isLast ? mode : 0o755) != 0 else { continue }
      guard errno == EEXIST else {
        throw OperatorError("Cannot make \(prefix): \(String(cString: strerror(errno))).")
      }
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw OperatorError("\(path) is not a directory.")
    }
    try checkOwner(of: path, status)
  }
}
