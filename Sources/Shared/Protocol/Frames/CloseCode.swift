/// Why the server closes a connection: the status of the WebSocket close frame (RFC 6455, section
/// 7.4), from 4000 up Martlet's own.
public enum CloseCode: UInt16, CaseIterable, Sendable {
  /// The server is going away; come back later.
  case goingAway = 1001
  /// A frame broke the WebSocket protocol.
  case protocolError = 1002
  /// A binary frame: Martlet speaks text.
  case unsupportedData = 1003
  /// A text frame was not UTF-8.
  case invalidText = 1007
  /// A frame was larger than ``Limits/frameBytes``.
  case tooLarge = 1009
  /// The server restarts; come back in a moment.
  case restarting = 1012
  /// The session was ended, here or from another device: sign in again.
  case signedOut = 4001
  /// Nobody signed in in time.
  case signInTimeout = 4002
  /// The receiver did not keep up; resume.
  case tooSlow = 4008
}
