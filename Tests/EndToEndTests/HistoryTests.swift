import MartletProtocol
import Testing

/// Old messages come as one scrolls.
@Suite struct HistoryTests {
  @Test func scrollingUpLoadsHistoryToItsBeginning() async throws {
    let (server, alice, _) = try await Pair.make()
    let bob = try await Stranger(named: "bob", at: server.port)
    let target = Target.user(try await bob.find("alice"))
    for number in 1...180 { try await bob.send("第\(number)条", to: target) }
    try await alice.open("bob")
    try await alice.waitFor("第180条")
    // As often as it takes: each press shows a page, and what is above comes from the server.
    _ = try await Machine.eventually("the first message") {
      try await alice.press("PPage")
      return try await alice.screen().contains("第1条") ? () : nil
    }
    try await alice.press("End")
    try await alice.waitFor("第180条")
    try await server.stop()
  }

  @Test func unreadMessagesHaveALineAboveThem() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.open("李雷")
    try await alice.say("seen")
    try await lilei.open("alice")
    try await lilei.waitFor("seen")
    try await alice.waitFor("✓✓")
    let bob = try await Stranger(named: "bob", at: server.port)
    try await lilei.open("bob")
    try await alice.say("unseen")
    try await lilei.waitFor("1 unread")
    try await lilei.open("alice")
    let screen = try await lilei.waitFor("seen", " new ", "unseen")
    let lines = screen.split(separator: "\n")
    let rows = [" new ", "unseen"].map { text in lines.firstIndex { $0.contains(text) } }
    let (line, message) = (try #require(rows[0]), try #require(rows[1]))
    #expect(line < message)
    _ = bob
    try await server.stop()
  }
}
