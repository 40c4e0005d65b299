import TestSupport
import Testing

/// A server that reads its file of settings again.
@Suite struct SettingsTests {
  @Test(arguments: Words.allCases)
  func aRunningServerTakesWhatTheFileSaysAndKeepsWhatItCannotUse(words: Words) async throws {
    let server = try await TestServer(settings: "MARTLET_REGISTRATION=closed\n")
    let alice = try await server.terminal("alice", words)
    try await alice.askForAccount("alice", words)
    try await alice.waitFor(words("takes no new accounts", "不接受新账号注册"))

    try await server.write(settings: "MARTLET_REGISTRATION=perhaps\n")
    try await server.reload(until: "the settings were not read again")

    try await server.write(settings: "MARTLET_REGISTRATION=open\nMARTLET_PING_SECONDS=5\n")
    try await server.reload(until: "settings=ping-seconds")
    try await alice.press("Enter")
    try await alice.waitFor(words("● connected", "● 已连接"))
    try await server.stop()
  }
}
