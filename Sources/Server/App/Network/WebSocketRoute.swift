/// Where and how clients connect.
enum WebSocketRoute {
  static let path = "/v1/socket"
  static let subprotocol = "martlet.v1"
}
