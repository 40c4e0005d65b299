/// Creates an account. It does not sign in.
public struct RegisterAccount: RequestMessage {
  public static let method = "account.register"

  /// The name wanted; see ``AccountName``.
  public let name: String
  /// The password wanted; at least ``Limits/passwordCharacters`` long.
  public let password: String
  /// The code that entitles to an account, where one is asked for; see ``Hello/Reply/registration``.
  public let invite: String?

  public init(name: String, password: String, invite: String? = nil) {
    self.name = name
    self.password = password
    self.invite = invite
  }

  /// The account made.
  public struct Reply: Codable, Hashable, Sendable {
    /// The account, its name in the normalised form.
    public let user: User

    public init(user: User) {
      self.user = user
    }
  }
}
