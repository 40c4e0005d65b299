/// A way to talk to a kind of chat server.
protocol Driver: Sendable {
  /// Whether the server says when a message is durable.
  var acknowledges: Bool { get }

  /// Connects and signs an account in. `received` is called with the bytes of each text that arrives,
  /// on the connection's thread.
  func signIn(
    _ account: Int, received: @escaping @Sendable (Substring.UTF8View) -> Void
  ) async throws -> any Speaker
}

/// Somebody who is signed in.
protocol Speaker: Sendable {
  /// Sends a text. `acknowledged` is called once if the server says when it is durable.
  func say(
    _ text: String, to account: Int,
    acknowledged: @escaping @Sendable (Result<Void, any Error>) -> Void)
  func leave() async
}

/// Why a measurement cannot go on.
struct LoadError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
