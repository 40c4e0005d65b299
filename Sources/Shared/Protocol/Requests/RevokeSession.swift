/// Ends another session of the user's: its token is void and its connections are closed.
public struct RevokeSession: RequestMessage {
  public static let method = "session.revoke"
  public typealias Reply = Done

  /// The session; that of the connection itself is ended by ``Logout``.
  public let session: SessionID

  public init(session: SessionID) {
    self.session = session
  }
}
