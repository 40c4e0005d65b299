import MartletProtocol
import Testing

@testable import TUICore

@Suite struct TrustTests {
  private static let fingerprint = "SHA256:" + String(repeating: "Ab1/", count: 10) + "xyz"
  private static let changed = ServerDoubt.changed(
    fingerprint: fingerprint, file: "/home/alice/.local/state/martlet/known_hosts", line: 3)

  private static func asked(
    _ columns: Int = 80, _ rows: Int = 24, doubt: ServerDoubt? = nil, language: Language = .english,
    hasToken: Bool = false
  ) -> Client {
    var client = Client(
      columns, rows, language: language, hasToken: hasToken, transport: .encrypted,
      homeDirectory: "/home/alice")
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(
      .connectionChanged(.untrusted(doubt ?? .unknown(fingerprint: fingerprint))))
    return client
  }

  @Test(arguments: ["yes", "YES", "ｙｅｓ", fingerprint]) func wholeYesOrTheFingerprintTrusts(
    answer: String
  ) {
    var client = Self.asked()
    #expect(client.shows(Self.fingerprint))
    client.type(answer)
    #expect(client.press(.enter) == [.trustServer(fingerprint: Self.fingerprint)])
    #expect(client.state.overlay == nil)
  }

  @Test(arguments: ["是", "yes"]) func inChineseEitherWordTrusts(answer: String) {
    var client = Self.asked(language: .chinese)
    client.type(answer)
    #expect(client.press(.enter) == [.trustServer(fingerprint: Self.fingerprint)])
  }

  @Test(arguments: [
    "", "y", "yess", "sure", String(fingerprint.dropLast()), fingerprint.lowercased(),
  ])
  func anythingElseAsksAgain(answer: String) {
    var client = Self.asked()
    client.type(answer)
    #expect(client.press(.enter) == [])
    #expect(client.shows("Please type yes, no or the fingerprint."))
    client.type("yes")
    #expect(client.press(.enter) == [.trustServer(fingerprint: Self.fingerprint)])
  }

  @Test(arguments: ["no", "n", nil]) func noTrustsNothingAndTheFormAsksAgain(answer: String?) {
    var client = Self.asked()
    if let answer {
      client.type(answer)
      client.press(.enter)
    } else {
      client.press(.escape)
    }
    #expect(client.state.overlay == nil)
    #expect(client.shows("Nothing was sent to the server."))
    #expect(client.shows("not trusted"))
    client.type("alice")
    client.press(.enter)
    client.type("correct horse")
    #expect(client.press(.enter) == [])
    #expect(client.shows("Unknown server"))
    client.type("yes")
    #expect(client.press(.enter) == [.trustServer(fingerprint: Self.fingerprint)])
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    #expect(
      client.apply(.connectionChanged(.connected))
        == [.signIn(name: "alice", password: "correct horse")])
  }

  @Test func passwordGoesNowhereBeforeTheServerIsTrusted() {
    var client = Self.asked()
    client.press(.escape)
    client.type("alice")
    client.press(.enter)
    client.type("correct horse")
    client.press(.enter)
    client.press(.escape)
    #expect(client.effects.allSatisfy { if case .signIn = $0 { false } else { true } })
  }

  @Test(arguments: [changed, .outOfDate, .otherName], ["yes", "", fingerprint])
  func refusalCannotBeAnsweredAway(doubt: ServerDoubt, answer: String) {
    var client = Self.asked(doubt: doubt)
    client.type(answer)
    // It only tries again, to be refused again.
    #expect(client.press(.enter) == [.reconnect])
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.connectionChanged(.untrusted(doubt)))
    #expect(client.shows("Connection refused"))
  }

  @Test func changedKeySpeaksTheWordsOfSSHAndNamesTheLine() {
    let screen = Self.asked(200, 50, doubt: Self.changed).text.joined()
    for words in [
      "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!",
      "Someone could be eavesdropping on you right now", Self.fingerprint, "line 3 of",
    ] {
      #expect(screen.contains(words))
    }
  }

  @Test func questionGoesAwayWhenTheServerIsTheRightOneAgain() {
    var client = Self.asked()
    client.press(.function(1))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.press(.escape)
    #expect(client.state.overlay == nil)
  }

  @Test func whoIsSignedInLosesNothingOverAQuestion() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("draft")
    client.apply(.connectionChanged(.untrusted(Self.changed)))
    client.press(.escape)
    #expect(client.shows("draft"))
    #expect(client.shows("message 3"))
  }

  @Test(arguments: [Transport.encrypted, .local, .plain], [Language.english, .chinese])
  func serverThatSpeaksOtherwiseIsToldInOneSentence(transport: Transport, language: Language) {
    var client = Client(language: language, transport: transport)
    client.apply(.transportMismatched)
    let sentence =
      switch (transport, language) {
      case (.encrypted, .english): "What answers speaks no TLS: ask the server's operator."
      case (.encrypted, .chinese): "对方不支持 TLS 连接：请询问服务器管理员。"
      case (_, .english): "The server speaks TLS only: its address begins with wss://."
      case (_, .chinese): "服务器只接受 TLS 连接：地址应以 wss:// 开头。"
      }
    #expect(client.shows(sentence))
  }

  @Test func keyThatCouldNotBeKeptIsSaid() {
    var client = Self.asked()
    client.apply(.keyNotKept)
    #expect(client.shows("asked again"))
  }

  @Test(arguments: ScreenTests.sizes) func question(columns: Int, rows: Int) throws {
    var client = Self.asked(columns, rows)
    client.type("ye")
    try expectGolden(client.canvas, "unknown-server-\(columns)")
  }

  @Test(arguments: ScreenTests.sizes) func questionInChinese(columns: Int, rows: Int) throws {
    try expectGolden(
      Self.asked(columns, rows, language: .chinese).canvas, "unknown-server-chinese-\(columns)")
  }

  @Test(arguments: ScreenTests.sizes) func warning(columns: Int, rows: Int) throws {
    try expectGolden(
      Self.asked(columns, rows, doubt: Self.changed).canvas, "changed-key-\(columns)")
  }

  @Test(arguments: ScreenTests.sizes) func warningInChinese(columns: Int, rows: Int) throws {
    let client = Self.asked(columns, rows, doubt: Self.changed, language: .chinese)
    try expectGolden(client.canvas, "changed-key-chinese-\(columns)")
  }

  @Test(arguments: [Language.english, .chinese]) func formWarnsThatNothingIsEncrypted(
    language: Language
  ) throws {
    let client = Client(80, 24, language: language, transport: .plain)
    let name = language == .english ? "plain-80" : "plain-chinese-80"
    try expectGolden(client.canvas, name)
  }
}
