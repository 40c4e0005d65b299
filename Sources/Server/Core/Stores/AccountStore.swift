public import MartletProtocol

/// Where accounts are kept.
public protocol AccountStore: Sendable {
  /// The NFKC form of a name, in which it is checked and stored.
  func normalizedName(_ name: String) async throws(StoreError) -> String

  /// Creates an account.
  ///
  /// - Parameter invite: the invite to use once; `nil` where none is asked for.
  func createAccount(
    name: String, passwordHash: String, invite: String?
  ) async throws(StoreError) -> CreatedAccount

  /// Whether an account can be made with an invite.
  func hasInvite(_ code: String) async throws(StoreError) -> Bool

  /// What is needed to check a password; `nil` when nobody has that name.
  func credentials(ofName name: String) async throws(StoreError) -> Credentials?

  /// Replaces the stored form of a password by one of higher cost, unless the password was changed
  /// meanwhile.
  func replacePasswordHash(
    of user: UserID, from oldHash: String, to newHash: String
  ) async throws(StoreError)

  /// Replaces a password and ends all sessions of the user's but one, in one transaction. Returns
  /// those ended; `nil`, and nothing is done, when the password is no longer the one that was checked.
  func changePassword(
    of user: UserID, from oldHash: String, to newHash: String, keeping session: SessionID
  ) async throws(StoreError) -> [SessionID]?

  /// Those of some users who are registered, and when they were last seen. Presence is not the store's
  /// to know: every entry says offline.
  func presences(of users: [UserID]) async throws(StoreError) -> [Presence]

  /// Remembers when somebody's last device left.
  func recordLastSeen(_ user: UserID, at time: Timestamp) async throws(StoreError)
}

/// The answer to creating an account.
public enum CreatedAccount: Hashable, Sendable {
  case created(User)
  /// The folded name is taken, or one that looks like it.
  case nameTaken
  /// There is no such invite, or it is used up or expired.
  case invalidInvite
}

/// An account and the stored form of its password.
public struct Credentials: Sendable {
  /// The account.
  public let user: User
  /// A PHC string.
  public let passwordHash: String
  /// Whether an operator lets nobody sign in to it.
  public let isDisabled: Bool

  public init(user: User, passwordHash: String, isDisabled: Bool = false) {
    self.user = user
    self.passwordHash = passwordHash
    self.isDisabled = isDisabled
  }
}
