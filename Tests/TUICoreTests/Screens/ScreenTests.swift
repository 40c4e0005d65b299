import MartletProtocol
import Testing

@testable import TUICore

/// Whole screens as literal text: cells, colours, cursor.
@Suite struct ScreenTests {
  static let sizes = [(40, 12), (80, 24), (200, 50)]

  @Test(arguments: sizes) func signInWhileConnecting(columns: Int, rows: Int) throws {
    var client = Client(columns, rows)
    client.type("alice")
    client.press(.tab)
    client.type("密码 1")
    try expectGolden(client.canvas, "sign-in-\(columns)")
  }

  @Test(arguments: sizes) func registrationWithANameThatIsTaken(columns: Int, rows: Int) throws {
    var client = Client(columns, rows)
    client.apply(.connectionChanged(.connected))
    client.press(.function(2))
    for text in ["alice", "correct horse", "correct horse"] {
      client.type(text)
      client.press(.enter)
    }
    client.apply(.signInFailed(.refused(RPCError(.nameTaken, "taken"))))
    try expectGolden(client.canvas, "register-error-\(columns)")
  }

  @Test(arguments: sizes) func conversation(columns: Int, rows: Int) throws {
    try expectGolden(Self.conversation(columns, rows).canvas, "conversation-\(columns)")
  }

  @Test(arguments: sizes) func conversationInChinese(columns: Int, rows: Int) throws {
    let client = Self.conversation(columns, rows, language: .chinese)
    try expectGolden(client.canvas, "conversation-chinese-\(columns)")
  }

  @Test(arguments: sizes) func conversationWithoutColourInASCII(columns: Int, rows: Int) throws {
    let client = Self.conversation(columns, rows, usesColour: false, usesASCII: true)
    try expectGolden(client.canvas, "conversation-ascii-\(columns)")
  }

  @Test(arguments: sizes) func contacts(columns: Int, rows: Int) throws {
    var client = Self.conversation(columns, rows)
    client.press(.escape)
    client.press(.down)
    try expectGolden(client.canvas, "contacts-\(columns)")
  }

  @Test(arguments: sizes) func help(columns: Int, rows: Int) throws {
    var client = Self.conversation(columns, rows)
    client.press(.function(1))
    try expectGolden(client.canvas, "help-\(columns)")
  }

  @Test(arguments: sizes) func longDraft(columns: Int, rows: Int) throws {
    var client = Self.conversation(columns, rows)
    let lines = (1...20).map { "第 \($0) 行：the quick brown fox jumps over the lazy dog，懒狗。" }
    client.apply(.input(.paste(lines.joined(separator: "\n"))))
    client.press(.up)
    try expectGolden(client.canvas, "long-draft-\(columns)")
  }

  @Test(arguments: sizes) func hostileNamesAndTexts(columns: Int, rows: Int) throws {
    let mallory = User(id: UserID(2), name: "\u{1B}[31mred\u{202E}evil")
    let ghost = User(id: UserID(3), name: "bob\u{200D}\u{3164}")
    var client = Client.signedIn(
      columns, rows,
      contacts: [
        Client.contact(mallory, online: true, conversation: 7), Client.contact(ghost),
        Client.contact(User(id: UserID(9), name: String(repeating: "长", count: 60))),
      ])
    client.press(.enter)
    for (index, text) in Self.hostileTexts.enumerated() {
      client.apply(
        .messageReceived(Client.message(Int64(index + 1), from: mallory, text)))
    }
    try expectGolden(client.canvas, "hostile-\(columns)")
  }

  @Test(arguments: sizes) func commandCompletion(columns: Int, rows: Int) throws {
    var client = Self.conversation(columns, rows)
    client.press(.character("c"), .control)
    client.type("/")
    try expectGolden(client.canvas, "commands-\(columns)")
  }

  @Test(arguments: sizes) func switcher(columns: Int, rows: Int) throws {
    var client = Self.conversation(columns, rows)
    client.press(.character("g"), .control)
    client.type("o")
    try expectGolden(client.canvas, "switcher-\(columns)")
  }

  @Test(arguments: sizes) func quitQuestion(columns: Int, rows: Int) throws {
    var client = Self.conversation(columns, rows)
    for _ in 1...3 { client.press(.character("c"), .control) }
    try expectGolden(client.canvas, "quit-\(columns)")
  }

  @Test func tooSmall() throws {
    try expectGolden(Self.conversation(19, 5).canvas, "too-small-19x5")
    try expectGolden(Self.conversation(20, 4).canvas, "too-small-20x4")
    try expectGolden(Self.conversation(20, 5).canvas, "smallest-20x5")
  }

  @Test(arguments: sizes) func scrolledUp(columns: Int, rows: Int) throws {
    var client = Client.chatting(columns, rows, messages: Client.messages(1...100))
    client.press(.pageUp)
    try expectGolden(client.canvas, "scrolled-up-\(columns)")
  }

  @Test func nobodyElseHasRegistered() throws {
    try expectGolden(Client.signedIn(contacts: []).canvas, "alone-80")
  }

  @Test func waitingToReconnect() throws {
    var client = Self.conversation(80, 24)
    let retry = client.now.advanced(byMilliseconds: 7500)
    client.apply(.connectionChanged(.waiting(retryAt: retry, reason: "refused")))
    client.press(.enter)
    try expectGolden(client.canvas, "reconnecting-80")
  }

  static let hostileTexts = [
    "clear \u{1B}[2J\u{1B}]0;title\u{07} bell",
    "C1 \u{9B}31m, DEL \u{7F}, NUL \u{0}",
    "override \u{202E}gpj.exe\u{202C} isolate \u{2066}x\u{2069} mark \u{200F}",
    "line\u{2028}paragraph\u{2029} zero\u{200B}width bom\u{FEFF} tag\u{E0041}",
    "zalgo " + "Z" + String(repeating: "\u{0301}\u{0323}", count: 40),
    String(repeating: "👩\u{200D}", count: 100) + "👩",
  ]

  static func conversation(
    _ columns: Int, _ rows: Int, language: Language = .english, usesColour: Bool = true,
    usesASCII: Bool = false
  ) -> Client {
    var client = Client.signedIn(
      columns, rows, language: language, usesColour: usesColour, usesASCII: usesASCII,
      contacts: [
        Client.contact(
          Client.leilei, online: true, conversation: 7, last: MessageSequence(6),
          read: MessageSequence(4), unread: 2),
        Client.contact(
          Client.bob, online: true, conversation: 8, last: MessageSequence(2), unread: 2,
          at: "2026-11-23T08:00:00.000Z"),
        Client.contact(Client.carol, lastSeen: "2026-11-22T18:00:00.000Z"),
        Client.contact(Client.meimei, lastSeen: "2026-10-01T18:00:00.000Z"),
      ])
    client.press(.enter)
    let messages = [
      Client.message(1, from: Client.leilei, "明天见！", at: "2026-11-22T21:10:00.000Z"),
      Client.message(
        2, from: Client.leilei, "早上好！今天的会议改到下午三点了，请大家准时参加，不要迟到。谢谢（真的）！"),
      Client.message(3, from: Client.alice, "好的，谢谢 👍🏽", at: "2026-11-23T09:42:00.000Z"),
      Client.message(
        4, from: Client.alice,
        "I will bring the quarterly numbers and a printed agenda; see you at three.",
        at: "2026-11-23T09:43:00.000Z"),
      Client.message(
        5, from: Client.leilei, "👨‍👩‍👧 🇨🇳 ❤️ café e\u{301}", at: "2026-11-23T09:50:00.000Z"),
      Client.message(6, from: Client.leilei, "快点", at: "2026-11-23T09:51:00.000Z"),
    ]
    client.apply(
      .historyLoaded(
        .conversation(ConversationID(7)), .latest,
        .init(
          conversation: ConversationID(7), messages: messages, more: false,
          reads: [ReadMark(user: Client.leilei.id, sequence: MessageSequence(3))])))
    client.type("lost")
    client.press(.enter)
    client.apply(.messageFailed(Client.key(1), .refused(RPCError(.unavailable, ""))))
    client.type("我马上到")
    client.press(.enter)
    client.type("等我")
    return client
  }
}
