import NIOCore
import NIOEmbedded
import NIOHTTP1
import ServerCore
import Testing

@testable import ServerApp

/// What counts as one address.
@Suite struct OriginTests {
  @Test(arguments: ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", nil])
  func thisMachineIsLocal(_ address: String?) {
    #expect(SignInGuard.Origin(ipAddress: address) == .local)
  }

  @Test(arguments: [
    ("192.0.2.1", "::ffff:192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
    ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("::2", "::1", false),
  ])
  func aCustomersNetworkIsOneAddress(_ one: String, _ other: String, _ same: Bool) {
    let origins = [one, other].map { SignInGuard.Origin(ipAddress: $0) }
    #expect((origins[0] == origins[1]) == same)
    #expect(origins[0] != .local)
  }

  /// What stands in the header before the last is what the proxy was told.
  @Test(
    arguments: [
      (true, ["X-Forwarded-For": "198.51.100.7"], "198.51.100.7"),
      (true, ["x-forwarded-for": "127.0.0.1, 192.0.2.1 , 198.51.100.7"], "198.51.100.7"),
      (true, ["X-Forwarded-For": "192.0.2.1", "X-forwarded-for": "198.51.100.7"], "198.51.100.7"),
      (true, ["X-Real-IP": "198.51.100.7"], nil), (true, [:], nil),
      (false, ["X-Forwarded-For": "198.51.100.7"], nil),
    ] as [(Bool, HTTPHeaders, String?)])
  func aProxyIsBelievedAboutItsOwnWordOnly(
    _ trusted: Bool, _ headers: HTTPHeaders, _ address: String?
  ) throws {
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: headers)
    let channel = EmbeddedChannel()
    #expect(
      SignInGuard.Origin(of: head, on: channel, trustingProxy: trusted)
        == SignInGuard.Origin(ipAddress: address))
  }

  @Test func whoIsNoProxyIsNotBelieved() throws {
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: "/", headers: ["X-Forwarded-For": "198.51.100.7"])
    let channel = EmbeddedChannel()
    try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 7)).wait()
    #expect(
      SignInGuard.Origin(of: head, on: channel, trustingProxy: true)
        == SignInGuard.Origin(ipAddress: "192.0.2.1"))
  }

  @Test func whatCannotBeReadIsNotTakenForThisMachine() {
    #expect(SignInGuard.Origin(ipAddress: "fe80::1%eth0") != .local)
  }
}
