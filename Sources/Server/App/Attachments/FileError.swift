import Glibc

/// Why the file system did not do what it was asked.
enum FileError: Error {
  /// There is no room left; what was written stays.
  case full
  /// There is no such file.
  case missing
  /// Somebody else writes to it.
  case busy
  /// Anything else; `cause` is for the log.
  case failed(cause: String)

  /// The error of the system call that has just failed.
  static func last(_ what: String) -> FileError {
    switch errno {
    case ENOSPC, EDQUOT, EFBIG: .full
    case ENOENT: .missing
    case let code: .failed(cause: "\(what): \(String(cString: strerror(code)))")
    }
  }
}
