import MartletClient
import Testing

struct ServerAddressTests {
  @Test(arguments: [
    ("ws://chat.example.org:9000", "ws://chat.example.org:9000"),
    ("ws://chat.example.org:9000/", "ws://chat.example.org:9000"),
    ("http://chat.example.org", "ws://chat.example.org:7788"),
    ("Chat.Example.org", "ws://chat.example.org:7788"),
    ("127.0.0.1:80", "ws://127.0.0.1:80"),
    ("[::1]:9000", "ws://[::1]:9000"),
    ("ws://[::1]", "ws://[::1]:7788"),
    ("::1", "ws://[::1]:7788"),
    ("wss://chat.example.org", "wss://chat.example.org:7788"),
    ("HTTPS://chat.example.org:443/", "wss://chat.example.org:443"),
    ("wss://[::1]:9000", "wss://[::1]:9000"),
  ])
  func addressesAreReadInEveryForm(text: String, canonical: String) throws {
    #expect(try ServerAddress(parsing: text).description == canonical)
  }

  @Test(arguments: [
    ("localhost", true), ("127.0.0.1", true), ("127.9.9.9", true), ("[::1]", true),
    ("127.0.0.1.example.org", false), ("192.0.2.1", false), ("localhost.example.org", false),
  ])
  func knowsWhatStaysOnThisMachine(host: String, isLoopback: Bool) throws {
    #expect(try ServerAddress(parsing: host).isLoopback == isLoopback)
  }

  @Test(arguments: [
    ("ftp://chat.example.org", ServerAddress.ParseError.unknownScheme("ftp")),
    ("wss://", .invalidHost), ("wss://host/path", .unexpectedParts),
    ("", .invalidHost), ("ws://", .invalidHost), (":7788", .invalidHost),
    ("[::1", .invalidHost), ("[::1]x:1", .invalidHost), ("[host]:1", .invalidHost),
    ("a b", .invalidHost), ("host\r\nX-Evil:1", .invalidHost), ("例子.cn", .invalidHost),
    ("host:", .invalidPort), ("host:0", .invalidPort), ("host:65536", .invalidPort),
    ("host:-1", .invalidPort), ("host:+1", .invalidPort), ("host:99999999999", .invalidPort),
    ("host/path", .unexpectedParts), ("ws://user@host", .unexpectedParts),
    ("host?query", .unexpectedParts),
  ])
  func whatIsNoAddressIsRefusedWithTheReason(text: String, error: ServerAddress.ParseError) {
    #expect(throws: error) { try ServerAddress(parsing: text) }
  }
}
