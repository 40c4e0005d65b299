public import MartletProtocol

/// Where sessions are kept: tokens only as hashes, so that a stolen database signs nobody in.
public protocol SessionStore: Sendable {
  /// Creates a session for somebody whose password was found right; `nil` when it has changed since.
  ///
  /// - Parameter passwordHash: the stored form against which it was found right.
  func createSession(
    user: UserID, passwordHash: String, tokenHash: [UInt8], device: String
  ) async throws(StoreError) -> SessionID?

  /// The session of a token, whose life this prolongs; `nil` when there is none or it has expired.
  func session(withTokenHash tokenHash: [UInt8]) async throws(StoreError) -> SignedIn?

  /// Ends a session. Ending it twice is no error.
  func endSession(_ session: SessionID) async throws(StoreError)

  /// Ends a session if it is the user's; returns whether it was there.
  func endSession(_ session: SessionID, of user: UserID) async throws(StoreError) -> Bool

  /// The living sessions of a user, the most recently used first.
  func sessions(of user: UserID) async throws(StoreError) -> [StoredSession]
}

/// A session as the database knows it: whether its device is connected is not in there.
public struct StoredSession: Hashable, Sendable {
  /// The session.
  public let id: SessionID
  /// What the device called itself.
  public let device: String
  /// When it signed in.
  public let createdAt: Timestamp
  /// When it last connected; up to an hour may be missing.
  public let lastUsedAt: Timestamp

  public init(id: SessionID, device: String, createdAt: Timestamp, lastUsedAt: Timestamp) {
    self.id = id
    self.device = device
    self.createdAt = createdAt
    self.lastUsedAt = lastUsedAt
  }
}

/// Who is signed in on a connection, and by which session.
public struct SignedIn: Codable, Hashable, Sendable {
  /// The account.
  public let user: User
  /// The session.
  public let session: SessionID

  public init(user: User, session: SessionID) {
    self.user = user
    self.session = session
  }
}
