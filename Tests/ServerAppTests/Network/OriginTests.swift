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

  @Test func whatCannotBeReadIsNotTakenForThisMachine() {
    #expect(SignInGuard.Origin(ipAddress: "fe80::1%eth0") != .local)
  }
}
