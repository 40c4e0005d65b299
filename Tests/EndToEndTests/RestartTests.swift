import Testing

/// Either side goes away in the middle of a conversation and comes back.
@Suite struct RestartTests {
  @Test func aConversationSurvivesTheServerBeingKilled() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("before")
    try await lilei.waitFor("before")
    try await server.kill()
    try await alice.waitUntil("the loss of the connection") { !$0.contains("● connected") }
    // Sent while nobody is there to take it.
    try await alice.say("写在断线时")
    try await alice.waitFor("写在断线时", "…")
    try await server.start()
    try await alice.waitFor("● connected", "✓✓")
    try await lilei.waitFor("写在断线时")
    try await lilei.say("after")
    try await alice.waitFor("before", "写在断线时", "after")
    let screen = try await lilei.screen()
    #expect(screen.ranges(of: "写在断线时").count == 1)
    try await server.stop()
  }

  @Test func aKilledClientComesBackSignedInWithItsHistory() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await alice.say("remember this 记住")
    try await alice.waitFor("✓")
    try await alice.kill()
    try await lilei.open("alice")
    try await lilei.waitFor("remember this 记住")
    try await lilei.say("while you were away")
    try await lilei.waitFor("✓")
    try await alice.launch()
    try await alice.waitFor("● connected")
    try await alice.open("李雷")
    try await alice.waitFor("remember this 记住", "while you were away")
    try await server.stop()
  }

  @Test func historyIsThereAfterAnOrderlyRestartOfBothSides() async throws {
    let (server, alice, _) = try await Pair.make()
    try await alice.open("李雷")
    try await alice.say("kept")
    try await alice.waitFor("✓")
    try await alice.press("C-q")
    try await alice.waitForEnd()
    try await server.stop()
    try await server.start()
    try await alice.launch()
    try await alice.waitFor("● connected")
    try await alice.open("李雷")
    try await alice.waitFor("kept")
    try await server.stop()
  }
}
