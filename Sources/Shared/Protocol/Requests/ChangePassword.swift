/// Changes the user's password and ends all the user's other sessions.
public struct ChangePassword: RequestMessage {
  public static let method = "account.change_password"
  public typealias Reply = Done

  /// The password so far.
  public let currentPassword: String
  /// The password wanted; at least ``Limits/passwordCharacters`` long.
  public let newPassword: String

  public init(currentPassword: String, newPassword: String) {
    self.currentPassword = currentPassword
    self.newPassword = newPassword
  }

  private enum CodingKeys: String, CodingKey {
    case currentPassword = "current_password"
    case newPassword = "new_password"
  }
}
