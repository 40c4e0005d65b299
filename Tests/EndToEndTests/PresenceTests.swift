import Testing

/// The dot beside a name, however somebody comes and goes.
@Suite struct PresenceTests {
  @Test func theDotIsGreyAfterSigningOut() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await lilei.say("/logout")
    try await lilei.waitFor("Sign in")
    try await alice.waitFor("○ 李雷")
    try await server.stop()
  }

  @Test func theDotIsGreyAfterTheClientIsKilled() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await lilei.kill()
    try await alice.waitFor("○ 李雷")
    try await server.stop()
  }

  @Test func theDotIsGreyAfterTheTerminalIsClosedAndGreenWhenItIsBack() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await lilei.close()
    try await alice.waitFor("○ 李雷")
    _ = try await Terminal(
      "lilei", server: await server.address, stateDirectory: server.directory + "/state",
      arguments: ["--profile", "lilei"])
    try await alice.waitFor("● 李雷")
    try await server.stop()
  }

  @Test func twoDevicesAreOnePresence() async throws {
    let (server, alice, lilei) = try await Pair.make()
    let second = try await Terminal(
      "second", server: await server.address, stateDirectory: server.directory + "/state",
      arguments: ["--profile", "second"])
    try await second.waitFor("Sign in")
    try await second.type("李雷")
    try await second.press("Tab")
    try await second.type(Terminal.password)
    try await second.press("Enter")
    try await second.waitFor("Contacts", "● connected")
    try await lilei.kill()
    // What alice sees next is what the second device says: the first one's end is behind it.
    try await second.open("alice")
    try await second.say("still here")
    try await alice.open("李雷")
    let screen = try await alice.waitFor("still here")
    #expect(screen.contains("● 李雷"))
    try await server.stop()
  }
}
