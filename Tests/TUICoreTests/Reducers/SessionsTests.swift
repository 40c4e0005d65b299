import MartletProtocol
import Testing

@testable import TUICore

@Suite struct SessionsTests {
  static let sessions = [
    SessionSummary(
      id: SessionID(17), device: "thinkpad", createdAt: moment("2026-11-20T08:00:00.000Z"),
      lastUsedAt: moment("2026-11-23T09:40:00.000Z"), online: true, current: true),
    SessionSummary(
      id: SessionID(12), device: "书房", createdAt: moment("2026-10-02T12:30:00.000Z"),
      lastUsedAt: moment("2026-11-22T17:03:00.000Z"), online: false, current: false),
    SessionSummary(
      id: SessionID(13), device: "", createdAt: moment("2026-10-02T12:30:00.000Z"),
      lastUsedAt: moment("2026-11-21T17:03:00.000Z"), online: true, current: false),
  ]

  static func listed(
    _ columns: Int = 80, _ rows: Int = 24, language: Language = .english
  ) -> Client {
    var client = Client.chatting(columns, rows, language: language)
    client.type("/sessions")
    client.press(.enter)
    client.apply(.sessionsLoaded(.init(sessions: sessions)))
    return client
  }

  @Test func theListIsAskedForAndShown() {
    var client = Client.chatting()
    client.type("/sessions")
    client.press(.enter)
    #expect(client.effects.contains(.loadSessions))
    client.apply(.sessionsLoaded(.init(sessions: Self.sessions)))
    #expect(client.shows("thinkpad"))
    #expect(client.shows("this one"))
    #expect(client.shows("a device without a name"))
  }

  @Test func aDeviceIsSignedOutAfterAYes() {
    var client = Self.listed()
    client.press(.down)
    #expect(client.press(.character("d")).isEmpty)
    #expect(client.shows("Sign out 书房?"))
    #expect(client.press(.character("y")) == [.revokeSession(SessionID(12))])
    client.apply(.sessionRevoked(SessionID(12)))
    #expect(client.shows("书房 is signed out."))
    #expect(client.shows("thinkpad"))
    guard case .sessions(let state) = client.state.overlay else {
      Issue.record("the list is closed")
      return
    }
    #expect(state.sessions?.map(\.id) == [SessionID(17), SessionID(13)])
  }

  @Test(arguments: [KeyEvent.Key.character("n"), .escape, .down])
  func anythingElseLeavesItSignedIn(key: KeyEvent.Key) {
    var client = Self.listed()
    client.press(.down)
    client.press(.delete)
    client.press(key)
    #expect(client.state.keyContext == .sessions)
    #expect(client.press(.character("y")).isEmpty)
  }

  @Test func thisDeviceIsNotSignedOutHere() {
    var client = Self.listed()
    client.press(.character("d"))
    #expect(client.shows("/logout"))
    #expect(client.press(.character("y")).isEmpty)
  }

  @Test func aRefusalIsTold() {
    var client = Self.listed()
    client.apply(.sessionsFailed(.refused(RPCError(.unknownSession, ""))))
    #expect(client.shows("signed out already"))
    client.press(.escape)
    #expect(client.state.overlay == nil)
  }

  // MARK: The password

  private static func form() -> Client {
    var client = Client.chatting()
    client.type("/passwd")
    client.press(.enter)
    return client
  }

  private static func fill(_ client: inout Client, _ texts: [String]) {
    for text in texts {
      client.type(text)
      client.press(.enter)
    }
  }

  @Test func aPasswordIsChangedAndForgotten() {
    var client = Self.form()
    Self.fill(&client, ["old secret", "new secret", "new secret"])
    #expect(client.effects == [.changePassword(current: "old secret", new: "new secret")])
    #expect(!"\(client.state.overlay as Any)".contains("secret"))
    client.apply(.passwordChanged)
    #expect(client.state.overlay == nil)
    #expect(client.shows("Password changed"))
  }

  @Test func passwordsAreNotShown() {
    var client = Self.form()
    client.type("visible?")
    #expect(!client.shows("visible?"))
    #expect(client.shows("••••••••"))
  }

  @Test func whatIsWrongIsToldBeforeItIsSent() {
    var client = Self.form()
    Self.fill(&client, ["old secret", "short", "short"])
    #expect(client.effects.isEmpty)
    #expect(client.shows("at least 8 characters"))
    client = Self.form()
    Self.fill(&client, ["old secret", "new secret", "new secrets"])
    #expect(client.effects.isEmpty)
    #expect(client.shows("The two passwords differ"))
  }

  @Test(arguments: [
    (ErrorCode.wrongCredentials, "The current password is wrong."),
    (.weakPassword, "too easy to guess"), (.overloaded, "cannot do that right now"),
  ]) func theServersRefusalIsTold(code: ErrorCode, words: String) {
    var client = Self.form()
    Self.fill(&client, ["old secret", "new secret", "new secret"])
    client.apply(.passwordChangeFailed(.refused(RPCError(code, ""))))
    #expect(client.shows(words))
    #expect(client.state.keyContext == .dialog)
  }

  @Test func theOtherDevicesSessionIsOver() {
    var client = Client.chatting()
    client.type("/passwd")
    client.press(.enter)
    client.apply(.sessionEnded(.byServer("The password was changed.")))
    #expect(client.state.overlay == nil)
    #expect(client.state.screen == .signIn)
  }
}
