import MartletProtocol
import Testing

/// The list of contacts, the filter, the switcher, and help.
@Suite struct FindingPeopleTests {
  @Test(arguments: Words.allCases)
  func peopleAreFoundByPartsOfTheirNames(words: Words) async throws {
    let server = try await TestServer()
    let alice = try await server.terminal("alice", words)
    try await alice.register("alice", words)
    for name in ["bob", "carol", "王芳", "韩梅梅"] {
      _ = try await Stranger(named: name, at: await server.port)
    }
    for name in ["dave", "erin"] {
      let stranger = try await Stranger(named: name, at: await server.port)
      try await stranger.send("hello", to: .user(try await stranger.find("alice")))
    }
    // Whom one talked to last comes first, then everybody else.
    try await alice.waitUntil("erin and dave at the top") { screen in
      let rows = screen.split(separator: "\n").dropFirst(2).map(String.init)
      return rows.count > 1 && rows[0].contains("erin") && rows[1].contains("dave")
    }
    // Typing in the list leaves those who fit.
    try await alice.type("梅")
    try await alice.waitUntil("one contact") { $0.contains("韩梅梅") && !$0.contains("bob") }
    try await alice.press("Enter")
    try await alice.waitUntil("the conversation with 韩梅梅") { screen in
      screen.split(separator: "\n").dropFirst().first?.contains("韩梅梅") ?? false
    }
    try await alice.press("C-g")
    try await alice.say("crl")
    try await alice.waitUntil("the conversation with carol") { screen in
      screen.split(separator: "\n").dropFirst().first?.contains("carol") ?? false
    }
    try await alice.press("C-g")
    try await alice.say("芳")
    try await alice.waitUntil("the conversation with 王芳") { screen in
      screen.split(separator: "\n").dropFirst().first?.contains("王芳") ?? false
    }
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func helpIsOfWhereOneIsAndUnknownCommandsSuggestOne(words: Words) async throws {
    let server = try await TestServer()
    let alice = try await server.terminal("alice", words)
    try await alice.register("alice", words)
    let bob = try await Stranger(named: "bob", at: await server.port)
    try await bob.send("hello", to: .user(try await bob.find("alice")))
    try await alice.open("bob")
    try await alice.say("/serch hello")
    try await alice.waitFor(words("Did you mean /search?", "您是想输入 /search 吗？"))
    try await alice.press("C-c")
    try await alice.say("/help")
    try await alice.waitFor(words("Keys and commands", "按键与命令"))
    try await alice.press("PageDown", "PageDown")
    try await alice.waitFor("/send", "/clear-history", "/sessions")
    try await alice.press("Escape")
    try await alice.waitUntil("the end of help") { !$0.contains("/clear-history") }
    // In message mode its keys, and no others.
    try await alice.press("Up")
    try await alice.waitFor("▌")
    try await alice.press("F1")
    let help = try await alice.waitFor(words("copy its text", "复制文字"))
    #expect(!help.contains("/send"))
    try await server.stop()
  }
}
