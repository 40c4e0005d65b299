/// Creates an account. It does not sign in.
public struct RegisterAccount: RequestMessage {
  public static let method = "account.register"

  /// The name wanted; see ``AccountName``.
  public let name: String
  /// The password wanted; at least ``Limits/passwordCharacters`` long.
  public let password: String

  public init(name: String, password: String) {
    self.name = name
    self.password = password
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
