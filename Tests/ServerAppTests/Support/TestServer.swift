import FoundationEssentials
import Glibc
import Logging
import MartletProtocol
import ServerCore
import TestSupport

@testable import ServerApp

/// A server in this process, on a port that the system chose, over a database of its own.
actor TestServer {
  private var configuration: ServerConfiguration
  private let logger: Logger
  private var running: (server: Server, watch: Task<Void, any Error>)?

  /// Where it listens; the same after a restart.
  var port: Int { configuration.listen.port }

  /// - Parameter databaseURL: `nil` for a private cluster.
  init(
    databaseURL: String?, limits: Limits, quota: Int64 = 1_000_000_000,
    writesFiles: OpenFile.Write? = nil, dataDirectory: String? = nil, tls: TLSFiles? = nil,
    cap: ConnectionCap? = nil, listensToNodes: Bool = true, log: LogRecord? = nil
  ) throws {
    logger = log.map { log in Logger(label: "test") { _ in log } } ?? .silent
    configuration = ServerConfiguration(
      dataDirectory: try dataDirectory ?? TestDirectory.make())
    configuration.listen = ListenAddress(host: "127.0.0.1", port: 0)
    configuration.databaseURL = databaseURL
    configuration.passwordRounds = 1
    configuration.limits = limits
    configuration.policy.attachmentQuota = quota
    configuration.tls = tls
    configuration.listensToNodes = listensToNodes
    if let cap { configuration.cap = cap }
    if let writesFiles { configuration.writesFiles = writesFiles }
  }

  /// Runs a test against a server over a database of the shared cluster.
  static func with<Value>(
    limits: Limits = Limits(), quota: Int64 = 1_000_000_000,
    writesFiles: OpenFile.Write? = nil, tls: TLSFiles? = nil, cap: ConnectionCap? = nil,
    log: LogRecord? = nil,
    _ body: (TestServer) async throws -> Value
  ) async throws -> Value {
    try await SharedCluster.instance.withDatabase { connectionString in
      let server = try TestServer(
        databaseURL: connectionString, limits: limits, quota: quota, writesFiles: writesFiles,
        tls: tls, cap: cap, log: log)
      return try await server.run { try await body(server) }
    }
  }

  /// Runs a test against a server with a private cluster.
  static func withCluster<Value>(
    _ body: (TestServer) async throws -> Value
  ) async throws -> Value {
    let server = try TestServer(databaseURL: nil, limits: Limits())
    return try await server.run { try await body(server) }
  }

  private nonisolated func run<Value>(_ body: () async throws -> Value) async throws -> Value {
    try await start()
    do {
      let value = try await body()
      await stop()
      return value
    } catch {
      await stop()
      throw error
    }
  }

  func start() async throws {
    let server = try await Server.start(configuration, logger: logger)
    configuration.listen = server.address
    running = (server, Task { try await server.run() })
  }

  func stop() async {
    guard let (server, watch) = running else { return }
    running = nil
    watch.cancel()
    _ = await watch.result
    await server.stop()
  }

  /// What SIGHUP makes it do.
  func reloadCertificate() { running?.server.reload(configuration.policy) }

  /// The directory that is the server's own.
  var dataDirectory: String { configuration.dataDirectory }

  func client() async throws -> TestClient { try await TestClient.connect(port: port) }

  func request(_ line: String, headers: [String] = []) async throws -> HTTPAnswer {
    try await RawConnection.request(line, headers: headers, port: port)
  }

  /// Waits until the server says that it is ready, or that it is not.
  @discardableResult
  func readiness(_ status: Int) async throws -> HTTPAnswer {
    try await eventually("/readyz to answer \(status)") {
      let answer = try await request("GET /readyz")
      return answer.status == status ? answer : nil
    }
  }
}

/// Somebody signed in on a connection.
struct Someone: Sendable {
  let client: TestClient
  let login: Login.Reply

  var id: UserID { login.user.id }
  var user: User { login.user }
}

extension TestServer {
  /// Makes an account, connects and signs in.
  func someone(_ name: String) async throws -> Someone {
    let client = try await client()
    _ = try await client.call(RegisterAccount(name: name, password: "a good password"))
    return try await signIn(name, on: client)
  }

  /// Signs another device of somebody in.
  func device(of name: String, receiveBuffer: Int? = nil) async throws -> Someone {
    let client = try await TestClient.connect(port: port, receiveBuffer: receiveBuffer)
    return try await signIn(name, on: client)
  }

  private func signIn(_ name: String, on client: TestClient) async throws -> Someone {
    let login = try await client.call(
      Login(name: name, password: "a good password", device: "test"))
    // Others are told after the reply; with the next one they have been.
    _ = try await client.settledPushes()
    return Someone(client: client, login: login)
  }

  /// Two people who know of each other and have nothing more to hear.
  func pair() async throws -> (alice: Someone, bob: Someone) {
    let (alice, bob) = (try await someone("alice"), try await someone("bob"))
    _ = try await alice.client.settledPushes()
    return (alice, bob)
  }

  /// Two people with a conversation that has one message.
  func conversation() async throws -> (alice: Someone, bob: Someone, id: ConversationID) {
    let (alice, bob) = try await pair()
    let id = try await alice.send("first", to: .user(bob.id)).conversation
    _ = try await alice.client.settledPushes()
    _ = try await bob.client.settledPushes()
    return (alice, bob, id)
  }
}

extension Someone {
  @discardableResult
  func send(
    _ text: String, to target: Target, key: IdempotencyKey = .fresh()
  ) async throws -> SendMessage.Reply {
    try await client.call(SendMessage(target: target, key: key, text: text))
  }

  /// The whole history of a conversation, page by page.
  func history(_ conversation: ConversationID) async throws -> [Message] {
    var messages: [Message] = []
    while true {
      let page = try await client.call(
        FetchHistory(
          target: .conversation(conversation), anchor: .after(messages.last?.sequence ?? .none),
          limit: 200))
      messages += page.messages
      guard page.more else { return messages }
    }
  }
}

/// The refusal that a request meets; a success is a failure of the test.
func refusal(_ body: () async throws -> Void) async throws -> RPCError {
  do {
    try await body()
  } catch let error as RPCError {
    return error
  }
  throw Failure("not refused")
}
