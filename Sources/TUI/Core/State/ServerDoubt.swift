/// Why the client does not talk to what answers where the server should be. Nothing was sent to it.
public enum ServerDoubt: Hashable, Sendable {
  /// Nobody that the system trusts vouches for it, and it was never met before. The user may.
  case unknown(fingerprint: String)
  /// It has another key than the one that stands in a line of a file; lines count from 1.
  case changed(fingerprint: String, file: String, line: Int)
  /// Its certificate has expired, or is not valid yet.
  case outOfDate
  /// Its certificate is for another server.
  case otherName
}

/// What protects the way to the server.
public enum Transport: Hashable, Sendable {
  case encrypted
  /// The server is on this machine.
  case local
  /// Others on the way may read and change everything.
  case plain
}

/// The question whether to trust a server, with what has been typed as the answer; or the word that it
/// is not trusted.
struct TrustState: Hashable, Sendable {
  let doubt: ServerDoubt
  var answer = TextEditor(allowsNewlines: false)
  /// Whether the answer was none.
  var isUnclear = false

  /// What the user may trust; `nil` where there is nothing to ask.
  var fingerprint: String? {
    switch doubt {
    case .unknown(let fingerprint): fingerprint
    case .changed, .outOfDate, .otherName: nil
    }
  }
}
