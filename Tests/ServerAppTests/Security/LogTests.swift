import Logging
import MartletProtocol
import Synchronization
import TestSupport
import Testing

@testable import ServerApp

/// What is written down, and what is not.
@Suite struct LogTests {
  /// Logs are read by others than messages are, kept longer, and sent to strangers with questions.
  @Test func nothingThatUsersSaySecretOrNotIsInTheLog() async throws {
    let log = LogRecord()
    try await TestServer.with(log: log) { server in
      let client = TestClient(try await RawWebSocket.connect(port: await server.port))
      _ = try await client.call(Hello(client: "marker\u{1B}[2J"))
      _ = try await client.call(RegisterAccount(name: "marker-alice", password: "marker password"))
      let login = try await client.call(
        Login(name: "marker-alice", password: "marker password", device: "marker device"))
      let alice = Someone(client: client, login: login)
      let bob = try await server.someone("bob")
      let id = try await alice.send("marker text", to: .user(bob.id)).conversation
      _ = try await client.call(
        SearchMessages(target: .conversation(id), query: "marker", limit: 1))
      let file = try await alice.upload(
        try MediaFile.named("plain.wav").bytes(), as: "marker.wav", on: server)
      try await alice.send(file.id, "marker", to: .conversation(id))
      _ = try await alice.post("marker\r\nX-Evil: 1.wav", 1, on: server)
      _ = try await server.request("GET /marker%0d%0a", headers: ["X-Marker: marker"])
      for name in ["marker-alice", "marker nobody", "marker\u{1B}[2J"] {
        let other = try await server.client()
        _ = try await refusal {
          _ = try await other.call(Login(name: name, password: "marker wrong", device: "marker"))
        }
      }
      _ = try await refusal {
        _ = try await client.call(
          ChangePassword(currentPassword: "marker wrong", newPassword: "marker new password"))
      }
      client.socket.send(
        .text(#"{"jsonrpc":"2.0","id":1,"method":"marker","params":{"marker":1}}"#))
      _ = try await client.frame()
      client.socket.send(.text("marker"))
      _ = try await client.frame()
      #expect(!log.text.contains(login.token))
    }
    #expect(log.text.contains("sign-in failed"))
    for line in log.text.split(separator: "\n") where line.lowercased().contains("marker") {
      Issue.record("in the log: \(line)")
    }
  }

  private static let evil =
    "a\u{1B}[2J\u{9B}31m\n2026-11-26 forged\r\u{0}\u{202E}b\u{200B}\u{2028}c"
  private static let harmless = "a?[2J?31m?2026-11-26 forged???b??c"

  @Test func whatOthersSayActsOnNoTerminalAndIsNoLineOfItsOwn() {
    let log = LogRecord()
    let logger = Logger(label: "test") { _ in
      SafeLogHandler(inner: log, settings: LogSettings(.trace))
    }
    let evil = Self.evil
    logger.error(
      "\(evil)", error: RPCError(.invalidRequest, evil),
      metadata: [evil: "\(evil)", "list": [[evil: "\(evil)"]]])
    #expect(log.text.hasPrefix(Self.harmless + " "))
    // The message, the error, and twice a key and its value.
    #expect(log.text.matches(of: /forged/).count == 6)
    #expect(log.text == log.text.asLogLine)
  }

  @Test func whatALoggerAlwaysSaysIsJustAsHarmless() {
    var handler = SafeLogHandler(
      inner: LineLogHandler(LogSettings(.trace)), settings: LogSettings(.trace))
    handler[metadataKey: Self.evil] = "\(Self.evil)"
    #expect(handler.metadata == [Self.harmless: "\(Self.harmless)"])
    handler.metadata = ["all": "\(Self.evil)"]
    #expect(handler.metadata == ["all": "\(Self.harmless)"])
  }

  @Test(arguments: [
    (
      LogFormat.logfmt,
      #"time=12:00 message="signed in" a_b="x=\"1\"" user=3 empty="" path="a\\b c""#
    ),
    (
      .json,
      #"{"time":"12:00","message":"signed in","a b":"x=\"1\"","user":"3","empty":"","path":"a\\b c"}"#
    ),
  ])
  func aLineIsReadByMachines(format: LogFormat, line: String) {
    let fields = [
      ("time", "12:00"), ("message", "signed in"), ("a b", "x=\"1\""), ("user", "3"),
      ("empty", ""), ("path", "a\\b c"),
    ]
    #expect(LineLogHandler.line(fields, format) == line + "\n")
  }

  @Test func whatIsLoggedIsALineWithItsPartsInOrder() throws {
    let lines = Mutex<[String]>([])
    let settings = LogSettings(.info)
    var handler = SafeLogHandler(
      inner: LineLogHandler(settings) { line in lines.withLock { $0.append(line) } },
      settings: settings)
    handler.metadata = ["z": "last"]
    let logger = Logger(label: "test") { _ in handler }
    logger.debug("not this")
    logger.info("that", metadata: ["b": "2", "a": "1\n"])
    let written = lines.withLock { $0 }
    let line = try #require(written.first)
    #expect(line.wholeMatch(of: /time=\S+Z level=info message=that a=1\? b=2 z=last\n/) != nil)
    #expect(written.count == 1)
  }
}
