public import MartletProtocol

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why a file was not transferred.
public enum TransferError: Error, Hashable, Sendable {
  /// There is no session whose token could be shown.
  case notSignedIn
  /// The server refused, and would again.
  case refused(RPCError)
  /// The connection broke too often in a row, or could not be made; the text is for people.
  case interrupted(String)
  /// What answered does not keep to the protocol, or sent another number of bytes than it announced.
  case notUnderstood
  /// The file here is not the one that the transfer was begun with.
  case fileChanged
  /// The file here cannot be read or written: what `errno` said.
  case file(code: Int32)
  /// The task was cancelled.
  case cancelled
}

extension TransferError: CustomStringConvertible {
  /// What happened, for people.
  public var description: String {
    switch self {
    case .notSignedIn: "Nobody is signed in."
    case .refused(let error): error.message
    case .interrupted(let reason): reason
    case .notUnderstood: "The server sent something that this client does not understand."
    case .fileChanged: "The file has changed since it was chosen."
    case .file(let code): String(cString: strerror(code))
    case .cancelled: "The transfer was given up."
    }
  }
}

/// How far a transfer is.
public struct TransferProgress: Hashable, Sendable {
  /// How many bytes are where they belong.
  public let bytes: Int64
  /// How many there are.
  public let total: Int64

  public init(bytes: Int64, total: Int64) {
    self.bytes = bytes
    self.total = total
  }
}
