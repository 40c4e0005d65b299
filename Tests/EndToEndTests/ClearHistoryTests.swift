import Testing

/// Clearing a conversation, on all screens of both sides.
@Suite struct ClearHistoryTests {
  @Test(arguments: Words.allCases)
  func bothSidesAndAllDevicesAreEmptiedAtOnce(words: Words) async throws {
    let (server, alice, lilei) = try await Pair.make(words)
    let second = try await server.terminal("second", words)
    try await second.signIn("alice", words)
    try await alice.open("李雷")
    try await alice.say("secret one")
    try await lilei.open("alice")
    try await lilei.say("秘密二")
    try await second.open("李雷")
    for terminal in [alice, lilei, second] { try await terminal.waitFor("secret one", "秘密二") }

    try await alice.say("/clear-history")
    try await alice.waitFor(
      "李雷", words("for both sides. This cannot be undone", "双方都会被清空"))
    // Not a whole yes.
    try await alice.say("ye")
    try await alice.waitUntil("the question to go") {
      !$0.contains(words("Type yes", "输入“是”"))
    }
    try await lilei.waitFor("secret one", "秘密二")

    try await alice.say("/clear-history")
    try await alice.waitFor(words("Type yes", "输入“是”"))
    try await alice.say(words("yes", "是"))
    for terminal in [alice, lilei, second] {
      try await terminal.waitUntil("an empty conversation") { screen in
        screen.contains(words("History cleared", "聊天记录已清空"))
          && !screen.contains("secret one") && !screen.contains("秘密二")
      }
    }
    // For good: a client that comes back finds nothing, and no search does.
    try await lilei.kill()
    try await lilei.launch()
    try await lilei.open("alice")
    let empty = try await lilei.waitFor(words("History cleared", "聊天记录已清空"))
    #expect(!empty.contains("secret one") && !empty.contains("秘密二"))
    try await lilei.say("/search 秘密")
    try await lilei.waitFor(words("No message contains '秘密'", "未找到包含 '秘密' 的消息"))
    try await lilei.press("Escape")
    try await lilei.waitUntil("the end of the search") { !$0.contains("'秘密'") }
    try await lilei.say("after")
    try await alice.waitFor("after")
    try await server.stop()
  }
}
