public import MartletProtocol

/// Where sessions are kept: tokens only as hashes, so that a stolen database signs nobody in.
public protocol SessionStore: Sendable {
  /// Creates a session.
  func createSession(
    user: UserID, tokenHash: [UInt8], device: String
  ) async throws(StoreError) -> SessionID

  /// The session of a token, whose life this prolongs; `nil` when there is none or it has expired.
  func session(withTokenHash tokenHash: [UInt8]) async throws(StoreError) -> SignedIn?

  /// Ends a session. Ending it twice is no error.
  func endSession(_ session: SessionID) async throws(StoreError)
}

/// Who is signed in on a connection, and by which session.
public struct SignedIn: Hashable, Sendable {
  /// The account.
  public let user: User
  /// The session.
  public let session: SessionID

  public init(user: User, session: SessionID) {
    self.user = user
    self.session = session
  }
}
