import Glibc

/// A system call that failed; a trial cannot go on then.
struct SystemFailure: Error, CustomStringConvertible {
  let description: String

  /// - Parameter what: what was tried, whose `errno` is still there.
  init(_ what: String) {
    description = "cannot \(what): \(String(cString: strerror(errno)))"
  }

  init(because reason: String) {
    description = reason
  }
}
