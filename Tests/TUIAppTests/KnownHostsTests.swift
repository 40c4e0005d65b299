import Glibc
import Logging
import MartletClient
import TUICore
import Testing

@testable import TUIApp

struct KnownHostsTests {
  private let directory: TemporaryDirectory
  private let hosts: KnownHosts
  private let server: ServerAddress
  private let key = Self.key("A")
  private let other = Self.key("E")

  init() throws {
    directory = try TemporaryDirectory()
    hosts = KnownHosts(in: directory.path)
    server = try ServerAddress(parsing: "wss://chat.example.org")
  }

  @Test func keyIsKeptForItsHostAndPortInALineOfItsOwn() throws {
    #expect(try hosts.entry(for: server) == nil)
    let neighbour = try ServerAddress(parsing: "wss://chat.example.org:443")
    #expect(try hosts.add(other, for: neighbour) == other)
    #expect(try hosts.add(key, for: server) == key)
    #expect(try hosts.entry(for: server) == .init(key: key, line: 2))
    #expect(try hosts.entry(for: neighbour) == .init(key: other, line: 1))
    #expect(try directory.mode(of: "known_hosts") == 0o600)
    #expect(
      try text() == "chat.example.org:443 \(other)\nchat.example.org:7788 \(key)\n")
  }

  @Test func keyThatStandsThereIsNotReplaced() throws {
    _ = try hosts.add(key, for: server)
    #expect(try hosts.add(other, for: server) == key)
    #expect(try hosts.entry(for: server)?.key == key)
  }

  @Test func linesOfOthersAndCommentsStay() throws {
    try PrivateFile.write("# mine\n\nold.example:1 \(other)".utf8, to: hosts.path)
    _ = try hosts.add(key, for: server)
    #expect(
      try text() == "# mine\n\nold.example:1 \(other)\nchat.example.org:7788 \(key)\n")
    #expect(try hosts.entry(for: server)?.line == 4)
  }

  @Test func manyClientsAtOnceLoseNoLine() async throws {
    let servers = try (1...40).map { try ServerAddress(host: "host", port: $0, usesTLS: true) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for server in servers {
        // Each opens the file and its lock anew, as another process does.
        group.addTask { [directory, key] in
          _ = try KnownHosts(in: directory.path).add(key, for: server)
        }
      }
      try await group.waitForAll()
    }
    for server in servers { #expect(try hosts.entry(for: server)?.key == key) }
  }

  @Test(arguments: [
    "chat.example.org:7788", "chat.example.org:7788 SHA256:x", "chat.example.org:7788 a b",
  ])
  func lineThatCannotBeReadIsNotTakenForNone(line: String) throws {
    try PrivateFile.write("\n\(line)\n".utf8, to: hosts.path)
    let error = #expect(throws: StartError.self) { try hosts.entry(for: server) }
    #expect(error?.description.contains("Line 2") == true)
    #expect(throws: StartError.self) { try hosts.add(key, for: server) }
  }

  @Test func fileThatOthersMayWriteIsNotUsed() throws {
    _ = try hosts.add(key, for: server)
    chmod(hosts.path, 0o660)
    #expect(throws: StartError.self) { try hosts.entry(for: server) }
  }

  @Test func changedKeyIsToldWithTheLineToRemove() throws {
    _ = try hosts.add(other, for: try ServerAddress(parsing: "wss://other"))
    _ = try hosts.add(key, for: server)
    let doubts = doubts(hosts)
    #expect(doubts.key == key)
    #expect(
      doubts.doubt(about: .changed(other))
        == .changed(fingerprint: other.description, file: hosts.path, line: 2))
  }

  @Test func keyThatCannotBeWrittenDownIsWantedAllTheSame() throws {
    let nowhere = KnownHosts(in: "\(directory.path)/missing")
    let doubts = doubts(nowhere)
    #expect(doubts.trust(key) == (key, false))
    #expect(doubts.key == key)
  }

  @Test func serverStaysKnownWhileTheFileCannotBeReadAndNotWhenItsLineIsGone() throws {
    _ = try hosts.add(key, for: server)
    let doubts = doubts(hosts, known: key)
    chmod(hosts.path, 0o660)
    #expect(doubts.key == key)
    chmod(hosts.path, 0o600)
    try PrivateFile.write("".utf8, to: hosts.path)
    #expect(doubts.key == nil)
    chmod(hosts.path, 0o660)
    #expect(doubts.key == nil)
  }

  private func doubts(_ hosts: KnownHosts, known: KeyFingerprint? = nil) -> ServerDoubts {
    ServerDoubts(
      server: server, knownHosts: hosts, known: known,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func text() throws -> String {
    String(decoding: try #require(try PrivateFile.read(hosts.path)), as: UTF8.self)
  }

  private static func key(_ digit: String) -> KeyFingerprint {
    guard let key = KeyFingerprint("SHA256:" + String(repeating: digit, count: 43)) else {
      preconditionFailure("not a fingerprint")
    }
    return key
  }
}
