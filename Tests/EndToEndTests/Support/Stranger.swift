import MartletClient
import MartletProtocol

/// Somebody with a client of their own making.
struct Stranger {
  private let connection: Connection

  /// Registers and signs in.
  init(named name: String, at port: Int) async throws {
    connection = try await Self.connect(to: port)
    _ = try await connection.request(RegisterAccount(name: name, password: Terminal.password))
    _ = try await connection.request(
      Login(name: name, password: Terminal.password, device: "test"))
  }

  /// Somebody who tries to sign in.
  init(named name: String, password: String, at port: Int) async throws {
    connection = try await Self.connect(to: port)
    _ = try await connection.request(Login(name: name, password: password, device: "test"))
  }

  private static func connect(to port: Int) async throws -> Connection {
    let connection = try await Connection.connect(
      to: ServerAddress(host: "127.0.0.1", port: port)
    ) { _ in true }
    _ = try await connection.hello(Hello(client: "stranger"))
    return connection
  }

  /// The number of somebody registered.
  func find(_ name: String) async throws -> UserID {
    let contacts = try await connection.contacts().contacts
    guard let contact = contacts.first(where: { $0.user.name == name }) else {
      throw Failure("\(name) is not among the contacts")
    }
    return contact.user.id
  }

  /// Sends a message.
  @discardableResult
  func send(_ text: String, to target: Target) async throws -> SendMessage.Reply {
    try await connection.request(
      SendMessage(target: target, key: IdempotencyKey(at: Timestamp(milliseconds: 0)), text: text))
  }

  /// Sends many messages, one after the other.
  func send(_ texts: [String], to target: Target) async throws {
    for text in texts { try await send(text, to: target) }
  }

  /// What is found in a conversation.
  func search(_ query: String, in target: Target) async throws -> SearchMessages.Reply {
    try await connection.request(SearchMessages(target: target, query: query, limit: 10))
  }

  /// A stretch of a conversation.
  func history(of target: Target, _ anchor: HistoryAnchor, limit: Int = 50) async throws
    -> FetchHistory.Reply
  {
    try await connection.history(of: target, anchor, limit: limit)
  }
}
