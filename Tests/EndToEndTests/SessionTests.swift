import FoundationEssentials
import Testing

/// Signing out here and elsewhere, and changing the password.
@Suite struct SessionTests {
  @Test(arguments: Words.allCases)
  func signingOutForgetsTheTokenAndTurnsTheDotGrey(words: Words) async throws {
    let (server, alice, lilei) = try await Pair.make(words)
    let profile = server.directory + "/state/martlet/profiles/lilei"
    let files = FileManager.default
    #expect(try files.contentsOfDirectory(atPath: profile).contains { $0.contains("token") })
    try await lilei.say("/logout")
    try await lilei.waitFor(words("Sign in", "登录"), words("You are signed out.", "已退出登录。"))
    try await alice.waitFor("○ 李雷")
    #expect(try !files.contentsOfDirectory(atPath: profile).contains { $0.contains("token") })
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func anotherDeviceIsSignedOutFromTheList(words: Words) async throws {
    let server = try await TestServer()
    let alice = try await server.terminal("alice", words)
    try await alice.register("alice", words)
    let second = try await server.terminal("second", words)
    try await second.signIn("alice", words)
    try await alice.say("/sessions")
    try await alice.waitFor(words("Devices", "已登录的设备"), words("this one", "本机"))
    // The other of the two, wherever it stands.
    try await alice.press("d")
    let screen = try await alice.waitUntil("a question or a refusal") { screen in
      screen.contains(words("Sign out ", "退出登录？"))
        || screen.contains(words("/logout signs it out", "请用 /logout"))
    }
    if screen.contains(words("/logout signs it out", "请用 /logout")) {
      try await alice.press("Down", "d")
      try await alice.waitFor(words("Sign out ", "退出登录？"))
    }
    try await alice.press("y")
    try await alice.waitFor(words("is signed out.", "已退出登录。"))
    try await second.waitFor(words("Sign in", "登录"))
    try await server.stop()
  }

  @Test(arguments: Words.allCases)
  func aNewPasswordEndsTheOtherSessions(words: Words) async throws {
    let server = try await TestServer()
    let alice = try await server.terminal("alice", words)
    try await alice.register("alice", words)
    let second = try await server.terminal("second", words)
    try await second.signIn("alice", words)
    try await alice.say("/passwd")
    try await alice.waitFor(words("Current password", "当前密码"))
    for text in [Terminal.password, "an even better horse", "an even better horse"] {
      try await alice.type(text)
      try await alice.press("Tab")
    }
    let form = try await alice.waitUntil("three fields in use") { screen in
      screen.split(separator: "\n").count { $0.contains("••••••••") } == 3
    }
    #expect(!form.contains("horse"))
    try await alice.press("Enter")
    try await alice.waitFor(words("Password changed", "密码已修改"))
    try await second.waitFor(words("Sign in", "登录"))
    // Who it was is still in the form.
    try await second.say(Terminal.password)
    try await second.waitFor(words("Wrong name or password", "用户名或密码错误"))
    try await second.press("C-u")
    try await second.say("an even better horse")
    try await second.waitFor(words("Contacts", "联系人"))
    try await server.stop()
  }
}
