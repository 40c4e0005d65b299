import NIOHTTP1
import ServerCore
import Testing

@testable import ServerApp

/// What counts as one address.
@Suite struct OriginTests {
  @Test(arguments: ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
  func thisMachineIsLocal(_ address: String) {
    #expect(Origin(ipAddress: address) == .local)
  }

  @Test(arguments: [
    ("192.0.2.1", "::ffff:192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
    ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("::2", "::1", false),
  ])
  func aCustomersNetworkIsOneAddress(_ one: String, _ other: String, _ same: Bool) throws {
    let origins = try [one, other].map { try #require(Origin(ipAddress: $0)) }
    #expect((origins[0] == origins[1]) == same)
    #expect(origins[0] != .local)
  }

  @Test(arguments: [
    ("127.0.0.1", "local"), ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
  ])
  func itIsWrittenAsOperatorsKnowIt(_ address: String, _ written: String) {
    #expect(Origin(ipAddress: address)?.description == written)
  }

  @Test(arguments: ["", "x", "fe80::1%eth0", "1.2.3", "unknown", "1.2.3.4:5"])
  func whatIsNoAddressIsNone(_ address: String) {
    #expect(Origin(ipAddress: address) == nil)
  }

  private func origin(
    _ headers: HTTPHeaders, from connection: Origin = .local, trusted: Bool = true
  ) -> Origin {
    Origin(
      of: HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: headers),
      from: connection, trustingProxy: trusted)
  }

  /// What stands in the header before the last is what the proxy was told.
  @Test(
    arguments: [
      ["X-Forwarded-For": "198.51.100.7"],
      ["x-forwarded-for": "127.0.0.1, 192.0.2.1 , 198.51.100.7"],
      ["X-Forwarded-For": "192.0.2.1", "X-forwarded-for": "198.51.100.7"],
      ["X-Forwarded-For": "198.51.100.7:4711"], ["X-Forwarded-For": "::ffff:198.51.100.7"],
      ["X-Forwarded-For": "[::ffff:198.51.100.7]:4711"],
    ] as [HTTPHeaders])
  func aProxyIsBelievedAboutItsOwnWordOnly(_ headers: HTTPHeaders) {
    #expect(origin(headers) == .network([198, 51, 100, 7]))
    #expect(origin(headers, trusted: false) == .local)
  }

  @Test(
    arguments: [["X-Real-IP": "198.51.100.7"], ["X-Forwarded-For": "unknown"], [:]]
      as [HTTPHeaders])
  func aProxyThatDoesNotSayStandsForEverybody(_ headers: HTTPHeaders) {
    #expect(origin(headers) == .local)
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "::ffff:127.0.0.1", true),
    ("127.0.0.1", "127.0.0.2", false), ("10.1.0.0/16", "10.1.255.7", true),
    ("10.1.0.0/16", "10.2.0.0", false), ("10.1.128.0/17", "10.1.127.255", false),
    ("0.0.0.0/0", "198.51.100.7", true), ("0.0.0.0/0", "::1", false),
    ("fd00::/8, ::1", "fdff::1", true), ("fd00::/8, ::1", "::1", true),
    ("fd00::/8, ::1", "fe00::1", false), ("127.0.0.1", "x", false),
  ])
  func proxiesAreTrustedByAddress(list: String, address: String, isTrusted: Bool) throws {
    #expect(try #require(TrustedProxies(list)).contains(address) == isTrusted)
  }

  @Test(arguments: ["", ",", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "::1/129", "1.2.3.4/8/9"])
  func whatIsNoListOfAddressesIsNone(list: String) {
    #expect(TrustedProxies(list) == nil)
  }
}
