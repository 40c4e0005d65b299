import Testing

/// What the client keeps on its own disk: there without a network, and gone when it is to be.
@Suite struct OfflineTests {
  @Test(arguments: Words.allCases)
  func theLastScreenIsReadAndSearchedWithoutANetwork(words: Words) async throws {
    let (server, alice, lilei) = try await Pair.make(words)
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("the first line")
    try await lilei.say("早上好，第二行")
    try await alice.waitFor("the first line", "早上好，第二行", "✓✓")
    try await server.kill()
    try await alice.kill()

    try await alice.launch()
    let screen = try await alice.waitFor("alice@", "○ 李雷", "the first line ✓✓", "早上好，第二行")
    #expect(!screen.contains(words("● connected", "● 已连接")))
    try await alice.waitUntil("words for why nothing is new") {
      $0.contains(words("connecting", "连接"))
    }
    try await alice.say("/search 第二")
    try await alice.waitFor("1/1", words("held here; not connected", "仅本机消息，未联网"))
    try await alice.press("Escape")

    try await server.start()
    try await alice.waitFor(words("● connected", "● 已连接"), "the first line ✓✓")
    try await lilei.say("now with a network")
    let last = try await alice.waitFor("now with a network")
    #expect(last.ranges(of: "早上好，第二行").count == 1)
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func aMessageSentWhileTheServerIsAwaySurvivesKillsAndArrivesOnce(words: Words) async throws {
    let (server, alice, lilei) = try await Pair.make(words)
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("before")
    try await lilei.waitFor("before")
    try await server.kill()
    try await alice.waitUntil("the loss of the connection") {
      !$0.contains(words("● connected", "● 已连接"))
    }
    try await alice.say("写在断线时")
    try await alice.waitFor("写在断线时 …")
    for _ in 1...2 {
      try await alice.kill()
      try await alice.launch()
      try await alice.waitFor("before", "写在断线时 …")
    }
    try await server.start()
    try await alice.waitFor("写在断线时 ✓✓")
    let received = try await lilei.waitFor("写在断线时")
    #expect(received.ranges(of: "写在断线时").count == 1)
    try await server.stop()
  }

  @Test func aClientKilledAfterEveryMessageSendsEachOfThemOnce() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await lilei.open("alice")
    for number in 1...6 {
      try await alice.say("<\(number)>")
      // The input is empty: whatever the server and the disk were doing then.
      try await alice.waitUntil("message \(number)") { screen in
        screen.contains("<\(number)> …") || screen.contains("<\(number)> ✓")
      }
      try await alice.kill()
      try await alice.launch()
      try await alice.waitFor("● connected", "<\(number)> ✓")
    }
    let received = try await lilei.waitFor("<1>", "<6>")
    for number in 1...6 { #expect(received.ranges(of: "<\(number)>").count == 1) }
    try await server.stop()
  }

  @Test func aDraftSurvivesAKill() async throws {
    let (server, alice, _) = try await Pair.make()
    try await alice.open("李雷")
    try await alice.type("我还没写完")
    try await server.waitForProfile("alice", toHold: "我还没写完")
    try await alice.kill()
    try await alice.launch()
    try await alice.waitFor("> 我还没写完")
    try await server.stop()
  }

  @Test func whatWasClearedMeanwhileAndWhatWasSignedOutOfIsInNoFile() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await alice.say("机密 one")
    try await lilei.say("机密 two")
    try await alice.waitFor("机密 one ✓", "机密 two")
    try await server.waitForProfile("alice", toHold: "机密 two")
    try await alice.kill()
    #expect(try await !server.profile("alice", filesHolding: "机密").isEmpty)

    try await lilei.say("/clear-history")
    try await lilei.waitFor("Type yes")
    try await lilei.say("yes")
    try await lilei.waitFor("History cleared")
    try await alice.launch()
    try await alice.waitFor("● connected", "History cleared")
    try await server.waitForProfile("alice", toHoldNo: "机密")

    try await lilei.say("after the clear")
    try await server.waitForProfile("alice", toHold: "after the clear")
    try await alice.say("/logout")
    try await alice.waitFor("Sign in")
    try await server.waitForProfile("alice", toHoldNo: "after the clear")
    try await server.stop()
  }

  @Test func withoutALocalHistoryOnlyWhatIsUnsentIsKept() async throws {
    let (server, alice, lilei) = try await Pair.make(environment: ["MARTLET_NO_CACHE": "1"])
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await lilei.say("only at the server")
    try await alice.waitFor("only at the server")
    try await server.kill()
    try await alice.waitUntil("the loss of the connection") { !$0.contains("● connected") }
    try await alice.say("not sent yet")
    try await alice.waitFor("not sent yet …")
    try await alice.kill()
    #expect(try await server.profile("alice", filesHolding: "only at the server") == [])
    #expect(try await server.profile("alice", filesHolding: "not sent yet") != [])
    try await alice.launch()
    try await server.start()
    try await lilei.waitFor("not sent yet")
    try await alice.open("李雷")
    let screen = try await alice.waitFor("only at the server", "not sent yet ✓✓")
    #expect(screen.ranges(of: "not sent yet").count == 1)
    try await server.stop()
  }
}
