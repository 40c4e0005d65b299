import MartletProtocol
import Testing

/// Finding messages, as it is seen and done.
@Suite struct SearchTests {
  /// Alice, in a long conversation with 王芳.
  private func longConversation(
    _ words: Words
  ) async throws -> (server: TestServer, alice: Terminal) {
    let server = try await TestServer()
    let alice = try await server.terminal("alice", words)
    try await alice.register("alice", words)
    let wang = try await Stranger(named: "王芳", at: await server.port)
    let hits = [100, 480, 900]
    let texts = (1...1000).map { number in
      hits.contains(number) ? "第\(number)条：明天开会，Room \(number)" : "第\(number)条消息"
    }
    try await wang.send(texts, to: .user(try await wang.find("alice")))
    try await alice.open("王芳")
    try await alice.waitFor("第1000条消息")
    // Somewhere in it, to come back to.
    try await alice.press("PageUp", "PageUp")
    try await alice.waitUntil("older messages") { !$0.contains("第1000条消息") }
    return (server, alice)
  }

  @Test(arguments: Words.allCases)
  func aChineseWordIsFoundAmongManyMessages(words: Words) async throws {
    let (server, alice) = try await longConversation(words)
    let before = try await alice.screen()
    try await alice.press("C-f")
    try await alice.say("开会")
    try await alice.waitFor("1/3", words("3 results", "找到 3 条结果"))
    // The newest first.
    let list = try await alice.waitFor("第900条", "第480条", "第100条")
    let places = ["第900条", "第480条", "第100条"].compactMap { list.firstRange(of: $0)?.lowerBound }
    #expect(places == places.sorted())

    try await alice.press("n")
    try await alice.waitFor("2/3")
    try await alice.press("n", "n")
    try await alice.waitFor("3/3")
    try await alice.press("N")
    try await alice.waitFor("2/3")
    try await alice.press("Enter")
    // In its context, which is loaded around it.
    try await alice.waitFor("第479条消息", "第480条：明天开会", "第481条消息")
    let red = /\u{1B}\[(?:[0-9;]*;)?31(?:;[0-9;]*)?m开会/
    try await alice.waitUntilColoured("the hit in red") { $0.firstMatch(of: red) != nil }
    try await alice.press("n")
    try await alice.waitFor("第99条消息", "第100条：明天开会", "第101条消息")

    try await alice.press("Escape")
    try await alice.waitUntil("the screen as it was") { $0 == before }
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func signsAreJustCharactersAndNothingIsSaid(words: Words) async throws {
    let server = try await TestServer()
    let alice = try await server.terminal("alice", words)
    try await alice.register("alice", words)
    let wang = try await Stranger(named: "王芳", at: await server.port)
    try await wang.send(
      ["100%", "100 percent", "a_b", "axb", "ＡＢＣ"], to: .user(try await wang.find("alice")))
    try await alice.open("王芳")
    try await alice.waitFor("ＡＢＣ")
    for (query, found) in [("%", "100%"), ("_", "a_b"), ("abc", "ＡＢＣ")] {
      try await alice.say("/search \(query)")
      try await alice.waitFor(words("1 result", "找到 1 条结果"), found)
      try await alice.press("Escape")
      try await alice.waitUntil("the end of the search") { screen in
        !screen.contains(words("1 result", "找到 1 条结果"))
      }
    }
    try await alice.say("/search 缺席")
    try await alice.waitFor(words("No message contains '缺席'", "未找到包含 '缺席' 的消息"))
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func allConversationsAreSearchedAtOnce(words: Words) async throws {
    let server = try await TestServer()
    let alice = try await server.terminal("alice", words)
    try await alice.register("alice", words)
    for (name, text) in [("王芳", "会议在三楼"), ("bob", "会议改期了")] {
      let stranger = try await Stranger(named: name, at: await server.port)
      try await stranger.send([text, "nothing"], to: .user(try await stranger.find("alice")))
    }
    try await alice.say("/search --all 会议")
    let screen = try await alice.waitFor(
      words("2 results", "找到 2 条结果"), "会议在三楼", "会议改期了")
    // Each below its contact, the newest conversation first.
    let places = ["bob", "会议改期了", "王芳", "会议在三楼"].compactMap {
      screen.firstRange(of: $0)?.lowerBound
    }
    #expect(places == places.sorted())
    try await alice.press("n", "Enter")
    try await alice.waitFor("nothing")
    try await server.stop()
  }
}
