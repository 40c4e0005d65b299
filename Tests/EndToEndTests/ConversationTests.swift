import Testing

/// Two people in two terminals, with the real programs and a real database.
@Suite struct ConversationTests {
  @Test func twoPeopleTalkInChineseAndEnglish() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await alice.say("早上好！今天的会议改到下午三点了。")
    // Unread until it is looked at, then read.
    try await lilei.waitUntil("an unread message from alice") { screen in
      screen.contains("alice") && screen.contains("1 unread")
    }
    try await lilei.open("alice")
    try await lilei.waitFor("早上好！今天的会议改到下午三点了。")
    try await alice.waitFor("✓✓")
    try await lilei.say("好的，谢谢 👍🏽 — on my way 👨‍👩‍👧")
    try await alice.waitFor("好的，谢谢", "on my way")
    try await alice.waitUntil("no message left unread") { !$0.contains("1 unread") }
    try await server.stop()
  }

  @Test func aMessageIsReadOnlyWhereItIsLookedAt() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await lilei.focus(false)
    try await alice.say("are you there?")
    try await lilei.waitFor("are you there?", "1 unread")
    try await lilei.focus(true)
    try await alice.waitFor("✓✓")
    try await server.stop()
  }

  @Test func whatIsTypedStaysAtTheCaretWhileMessagesArrive() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await lilei.open("alice")
    try await lilei.type("我马上到")
    try await lilei.waitFor("我马上到")
    let before = try await lilei.cursor()
    try await alice.say("one")
    try await alice.say("two")
    try await lilei.waitFor("one", "two")
    let after = try await lilei.cursor()
    #expect(before == after)
    try await server.stop()
  }

  @Test func aPasteOfSeveralLinesIsOneDraft() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await alice.paste("第一行\nsecond line\n第三行")
    try await alice.waitFor("第一行", "second line", "第三行")
    try await alice.press("Enter")
    try await alice.waitFor("✓")
    try await lilei.open("alice")
    try await lilei.waitFor("第一行", "second line", "第三行")
    try await server.stop()
  }

  @Test func resizingKeepsConversationAndDraft() async throws {
    let (server, alice, _) = try await Pair.make()
    try await alice.open("李雷")
    try await alice.say("before the resize")
    try await alice.type("half a thought")
    try await alice.resize(columns: 40, rows: 12)
    try await alice.waitUntil("one pane at 40 columns") { screen in
      screen.contains("half a thought") && screen.contains("before the resize")
        && !screen.contains("Contacts")
    }
    try await alice.resize(columns: 19, rows: 4)
    try await alice.waitFor("20x5")
    try await alice.resize(columns: 120, rows: 30)
    try await alice.waitFor("Contacts", "half a thought", "before the resize")
    try await server.stop()
  }
}
