import Logging
import MartletClient
import MartletProtocol
import Synchronization
import TestSupport

@testable import ServerApp

extension TestCertificate {
  var files: TLSFiles { TLSFiles(certificate: certificate, key: key) }
}

extension TestServer {
  /// Runs a test against a server that speaks TLS.
  static func with<Value>(
    _ certificate: TestCertificate, _ body: (TestServer) async throws -> Value
  ) async throws -> Value {
    try await with(tls: certificate.files, body)
  }

  func address(_ host: String = "127.0.0.1") throws -> ServerAddress {
    try ServerAddress(host: host, port: port, usesTLS: true)
  }

  /// Connects as a client does that has a policy, and says hello.
  func connect(
    _ policy: TLSPolicy, host: String = "127.0.0.1"
  ) async throws -> Connection {
    var options = ConnectionOptions()
    options.tls = policy
    let connection = try await Connection.connect(
      to: try address(host), options: options, onPush: { _ in true })
    _ = try await connection.hello(Hello(client: "test"))
    return connection
  }

  /// Why a client with a policy does not connect; `nil` when it does.
  func doubt(
    _ policy: TLSPolicy, host: String = "127.0.0.1"
  ) async throws -> UntrustedServer? {
    do {
      try await connect(policy, host: host).close()
      return nil
    } catch ClientError.untrusted(let server) {
      return server
    }
  }
}

extension TLSPolicy {
  static func trusting(_ authority: TestCertificate) -> TLSPolicy {
    TLSPolicy(roots: .file(authority.certificate))
  }
}

/// What is logged while a test looks on.
final class LogLines: LogHandler, Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  var logger: Logger {
    var logger = Logger(label: "test") { _ in self }
    logger.logLevel = .debug
    return logger
  }

  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .debug }
    set {}
  }
  subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    lines.withLock { $0.append("\(event.level): \(event.message)") }
  }
}
