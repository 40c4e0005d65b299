import FoundationEssentials
import TestSupport
import Testing

/// A server with a certificate of its own, and a client that meets it for the first time.
@Suite struct TLSTests {
  @Test(arguments: Words.allCases)
  func firstUseAsksAndAChangedKeyIsRefused(words: Words) async throws {
    let certificate = try TestCertificate.server()
    let server = try await TestServer(certificate: certificate)
    let alice = try await server.terminal("alice", words)
    try await alice.waitFor(words("Unknown server", "未知的服务器"), try certificate.fingerprint())
    try await alice.say("yes")
    try await alice.register("alice", words)
    try await alice.waitFor(words("alice@127.0.0.1:", "alice@127.0.0.1:"), "TLS")

    // Known from now on, by every profile.
    let lilei = try await server.terminal("lilei", words)
    try await lilei.register("李雷", words)
    try await alice.open("李雷")
    try await alice.say("你好")
    try await lilei.open("alice")
    try await lilei.waitFor("你好")

    // The certificate read again is shown to whoever comes anew.
    try certificate.replace(with: try TestCertificate.server())
    try await server.reload(until: "certificate read again")
    try await alice.say("/reconnect")
    try await alice.waitFor(
      words("REMOTE HOST IDENTIFICATION HAS CHANGED!", "远程主机标识已更改！"),
      try certificate.fingerprint())
    // A yes does not help. That it was answered shows by yet another key: the words stood there before.
    try certificate.replace(with: try TestCertificate.server())
    try await server.reload(until: "certificate read again")
    try await alice.say("yes")
    try await alice.waitFor(words("CHANGED!", "已更改！"), try certificate.fingerprint())

    // Without its line the server is one that was never met.
    try await Machine.run("rm", ["\(server.directory)/state/martlet/known_hosts"])
    try await alice.press("Enter")
    try await alice.waitFor(words("Unknown server", "未知的服务器"))
    try await alice.say("yes")
    try await alice.waitFor(words("● connected", "● 已连接"))
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func whatAnAuthorityVouchesForIsNotAskedAboutAndMustBeRight(words: Words) async throws {
    let authority = try TestCertificate.authority()
    let certificate = try TestCertificate.server(signedBy: authority)
    let server = try await TestServer(certificate: certificate)
    // As one that runs on and on has at last.
    try certificate.replace(with: try TestCertificate.server(signedBy: authority, days: -1))
    try await server.reload(until: "certificate read again")
    let alice = try await server.terminal(
      "alice", words, environment: ["MARTLET_CA_FILE": authority.certificate])
    try await alice.waitFor(words("has expired or is not valid yet", "已过期或尚未生效"))

    let stranger = try TestCertificate.server("DNS:elsewhere.example", signedBy: authority)
    try certificate.replace(with: stranger)
    try await server.reload(until: "certificate read again")
    try await alice.press("Enter")
    try await alice.waitFor(words("is not for '127.0.0.1", "不属于 '127.0.0.1"))

    try certificate.replace(with: try TestCertificate.server(signedBy: authority))
    try await server.reload(until: "certificate read again")
    try await alice.press("Enter")
    try await alice.register("alice", words)
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func clientThatSpeaksOtherwiseThanTheServerSaysSo(words: Words) async throws {
    let server = try await TestServer(certificate: try TestCertificate.server())
    let plain = try await server.terminal(
      "alice", words, address: "ws://127.0.0.1:\(await server.port)")
    try await plain.waitFor(
      words("The server speaks TLS only: its address begins with wss://.", "服务器只接受 TLS 连接"))
    try await server.stop()

    let other = try await TestServer()
    let encrypted = try await other.terminal(
      "bob", words, address: "wss://127.0.0.1:\(await other.port)")
    try await encrypted.waitFor(words("What answers speaks no TLS", "对方不支持 TLS 连接"))
    try await other.stop()
  }
}
