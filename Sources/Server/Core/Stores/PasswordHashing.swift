/// Turns passwords into something fit to be stored, slowly and off the event loops.
public protocol PasswordHashing: Sendable {
  /// The PHC string to store for a password, freshly salted.
  func hash(_ password: String) async throws(StoreError) -> String

  /// Checks a password against a stored form. Without one it does the same work and says no, so
  /// that the time taken does not tell whether an account exists.
  func verify(_ password: String, against stored: String?) async throws(StoreError) -> Verdict
}

/// The outcome of checking a password.
public enum Verdict: Sendable {
  case wrong
  case right
  /// Right, and stored at a lower cost than is asked now: hash it again.
  case rightButOutdated
}

/// Makes and hashes the secrets by which devices resume.
public protocol TokenMinting: Sendable {
  /// A fresh token and the hash to store for it.
  func mint() -> (token: String, hash: [UInt8])
  /// The hash under which a token's session is stored.
  func hash(of token: String) -> [UInt8]
}
