/// Ends the session: its token is void and its connections are closed.
public struct Logout: RequestMessage {
  public static let method = "session.logout"
  public typealias Reply = Done

  public init() {}
}
