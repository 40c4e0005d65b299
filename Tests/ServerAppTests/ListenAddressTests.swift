import NIOCore
import Testing

@testable import ServerApp

@Suite struct ListenAddressTests {
  @Test(arguments: [
    ("127.0.0.1:80", "127.0.0.1", 80), ("localhost", "localhost", 7788), ("[::1]:0", "::1", 0),
    ("[::1]", "::1", 7788), ("0.0.0.0:65535", "0.0.0.0", 65535),
  ])
  func reads(_ text: String, _ host: String, _ port: Int) {
    let address = ListenAddress(argument: text)
    #expect(address?.host == host)
    #expect(address?.port == port)
  }

  @Test(arguments: [
    "", ":", ":80", "host:", "host:x", "host:-1", "host:65536", "host:99999999999999999999",
    "::1", "::1:80", "[::1", "[]", "[]:80", "[::1]80", "[::1]:", "a:b:c",
  ])
  func refuses(_ text: String) {
    #expect(ListenAddress(argument: text) == nil)
  }

  @Test(arguments: ["127.0.0.1:80", "[::1]:0", "localhost:7788"])
  func writesWhatItReads(_ text: String) {
    #expect(ListenAddress(argument: text)?.description == text)
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("0.0.0.0", false),
    ("::", false), ("192.0.2.1", false), ("2001:db8::1", false),
  ])
  func knowsWhatStaysOnThisMachine(_ host: String, _ isLoopback: Bool) throws {
    #expect(try SocketAddress(ipAddress: host, port: 1).isLoopback == isLoopback)
  }
}
