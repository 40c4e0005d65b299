import ServerCore
import TestSupport
import Testing

/// An operator's commands beside a running server, and without one.
@Suite struct AdministrationTests {
  @Test(arguments: Words.allCases)
  func whoIsInvitedComesInAndWhoIsMutedAndDisabledIsTold(words: Words) async throws {
    let server = try await TestServer(settings: "MARTLET_REGISTRATION=invite\n")
    let alice = try await server.terminal("alice", words)
    try await alice.waitFor(words("● connected", "● 已连接"))
    try await alice.askForAccount("alice", words)
    try await alice.waitFor(words("Invite code", "邀请码"))
    try await alice.say("0000")
    try await alice.waitFor(words("not valid, or used up", "无效或已用完"))
    let code = try await server.administer("invite", "create")
    try await alice.press("C-u")
    try await alice.say(code)
    try await alice.waitFor(words("Contacts", "联系人"))
    #expect(try await server.administer("invite", "list") == "")

    // Whoever is added is seen at once.
    try await server.administer("user", "add", "李雷", input: "a good password\n")
    try await alice.open("李雷")
    #expect(try await server.administer("stats", "--json").contains(#""online" : 1"#))

    try await server.administer("user", "mute", "ALICE", "--for", "1h")
    try await alice.say("is anybody there")
    try await alice.waitFor(words("has muted you", "已将你禁言"))
    try await server.administer("user", "unmute", "alice")
    try await alice.say("now I can")
    try await alice.waitFor("now I can")

    try await server.administer("user", "disable", "alice")
    try await alice.waitFor(words("Sign in", "登录"), "disabled")
    try await server.administer("user", "enable", "alice")
    try await server.stop()

    // The same without a server.
    try await server.administer("user", "disable", "alice")
    let listed = try await server.administer("user", "list")
    #expect(listed.contains("disabled") && listed.contains("李雷"))
    #expect(try await server.administer("stats").contains("no server runs"))
    let audit = try await server.administer("audit", "--user", "alice")
    for event in ["registered", "account_muted", "account_disabled"] {
      #expect(audit.contains(event))
    }
    #expect(!audit.contains(code))
  }

  @Test func whatCannotBeDoneIsSaidAndNothingIsDone() async throws {
    let server = try await TestServer()
    try await server.administer("user", "add", "alice", input: "a good password\n")
    let refused = { (words: [String], input: String) async throws -> String in
      do {
        return "done: " + (try await server.administer(words, input: input))
      } catch let failure as Failure {
        return failure.description
      }
    }
    #expect(try await refused(["user", "show", "bob"], "").contains("Nobody is called 'bob'."))
    #expect(try await refused(["user", "add", "bob"], "short\n").contains("at least 8 characters"))
    #expect(try await refused(["user", "add", "bob"], "").contains("Nothing was typed."))
    #expect(try await refused(["user", "delete", "alice"], "").contains("say --yes"))
    #expect(try await server.administer("user", "list").contains("alice"))
    try await server.administer("user", "delete", "alice", "--yes")
    #expect(try await !server.administer("user", "list").contains("alice"))
    try await server.stop()
  }
}
