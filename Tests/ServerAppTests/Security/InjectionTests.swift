import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// Words that mean something to a program behind the server.
@Suite struct InjectionTests {
  private static let texts = [
    "'; DROP TABLE messages; --", "$1 $2 \\' \\\\", "100% of _ \\%", "E'\\x27' || (SELECT 1)",
    "%s %n {0} ${jndi:ldap://x}", "\"; --", "\u{202E}gnp.exe\u{200B}\u{FEFF}",
  ]

  @Test func toTheDatabaseATextIsAText() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      for text in Self.texts { try await alice.send(text, to: .conversation(id)) }
      #expect(try await bob.history(id).map(\.text) == ["first"] + Self.texts)
      for text in Self.texts {
        let reply = try await bob.client.call(
          SearchMessages(target: .conversation(id), query: text, limit: 10))
        #expect(reply.hits.map(\.message.text) == [text])
      }
    }
  }

  @Test(arguments: ["alice' OR '1'='1", "alice'--", "%", "_____", "alice\\"])
  func aNameIsAName(_ name: String) async throws {
    try await TestServer.with { server in
      _ = try await server.someone("alice")
      let client = try await server.client()
      let login = try await refusal {
        _ = try await client.call(Login(name: name, password: "a good password", device: name))
      }
      #expect(login.code == .wrongCredentials)
      let register = try await refusal {
        _ = try await client.call(RegisterAccount(name: name, password: "a good password"))
      }
      #expect(register.code == .invalidName)
    }
  }

  @Test func aNULReachesNothing() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let text = try await refusal { try await alice.send("a\u{0}b", to: .conversation(id)) }
      #expect(text.code == .invalidText)
      let file = try await alice.post("a\u{0}.png", 1, on: server)
      #expect(try file.code() == .invalidFileName)
      // A device may be called anything: what cannot be shown is left out.
      let client = try await server.client()
      _ = try await client.call(
        Login(name: "bob", password: "a good password", device: "de\u{0}sk\u{1B}"))
      let devices = try await client.call(ListSessions()).sessions.map(\.device)
      #expect(devices.contains("desk"))
      #expect(try await bob.history(id).map(\.text) == ["first"])
    }
  }
}
