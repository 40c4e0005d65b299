/// Signs in with name and password and makes a session for this device.
public struct Login: RequestMessage {
  public static let method = "session.login"

  /// The account's name, in any case.
  public let name: String
  /// The account's password.
  public let password: String
  /// What the owner will see in the list of sessions, such as a host name.
  public let device: String

  public init(name: String, password: String, device: String) {
    self.name = name
    self.password = password
    self.device = device
  }

  /// The session made.
  public struct Reply: Codable, Hashable, Sendable {
    /// The secret by which this device resumes; 43 characters of base64url.
    public let token: String
    /// The session's number.
    public let session: SessionID
    /// Who signed in.
    public let user: User

    public init(token: String, session: SessionID, user: User) {
      self.token = token
      self.session = session
      self.user = user
    }
  }
}
