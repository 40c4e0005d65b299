import MartletClient
import MartletProtocol
import Testing

/// What others write is shown, never obeyed.
@Suite struct HostileTextTests {
  @Test func textFromOthersNeverReachesTheTerminalAsControlCodes() async throws {
    let (server, alice, _) = try await Pair.make()
    try await alice.open("李雷")
    let output = try await alice.recordOutput()
    let mallory = try await Stranger(named: "mallory", at: server.port)
    let target = Target.user(try await mallory.find("alice"))
    // What the server refuses outright.
    for text in ["\u{1B}]0;owned\u{07}", "a\u{0}b", "\u{9B}31m", "\u{7F}"] {
      let error = await #expect(throws: ClientError.self) {
        try await mallory.send(text, to: target)
      }
      guard case .refused(let refusal) = error else {
        Issue.record("not a refusal: \(String(describing: error))")
        continue
      }
      #expect(refusal.code == .invalidText)
    }
    // What it lets pass and the client shows as what it is.
    try await mallory.send("safe \u{202E}gpj.exe\u{2066} \u{200B}end", to: target)
    try await alice.open("mallory")
    try await alice.waitFor("<U+202E>gpj.exe<U+2066>", "end")
    let bytes = try output.read()
    for scalar: Unicode.Scalar in ["\u{202E}", "\u{2066}", "\u{200B}"] {
      #expect(!bytes.unicodeScalars.contains(scalar))
    }
    #expect(!bytes.contains("owned"))
    try await server.stop()
  }
}
