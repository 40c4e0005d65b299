/// Where and how clients connect.
enum WebSocketRoute {
  static let path = "/v1/socket"
  static let subprotocol = "martlet.v1"
  /// RFC 6455's.
  static let version = "13"
}
