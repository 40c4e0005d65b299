import MartletProtocol
import Testing

@testable import TUICore

/// Help lies over everything else, which goes on below it.
@Suite struct HelpTests {
  private static func afterHelp(_ client: Client, _ action: Action) -> Client {
    var client = client
    client.press(.function(1))
    #expect(client.state.help != nil)
    client.apply(action)
    #expect(client.state.help != nil)
    client.press(.escape)
    #expect(client.state.help == nil)
    return client
  }

  @Test func aPictureIsDrawnBelowIt() {
    var client = MessageModeTests.viewing()
    let request = PictureRequest(
      size: Size(columns: 80, rows: 22), colours: .none, usesASCII: false)
    let drawn = PictureParser.picture(from: "▀▄▀▄\n".utf8, request: request)
    let id = MessageModeTests.picture.id
    client = Self.afterHelp(client, .attachments(.pictureDrawn(id, request, .success(drawn))))
    #expect(client.shows("▀▄▀▄"))
  }

  @Test func foundMessagesComeInBelowIt() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("/search --all message")
    client.press(.enter)
    client = Self.afterHelp(
      client,
      .groupsLoaded(
        query: "message", after: nil, .init(groups: SearchTests.groups, next: nil)))
    #expect(client.shows("13 results"))
  }

  @Test func devicesAreListedBelowIt() {
    var client = Client.chatting()
    client.type("/sessions")
    client.press(.enter)
    client = Self.afterHelp(client, .sessionsLoaded(.init(sessions: SessionsTests.sessions)))
    #expect(client.shows("thinkpad"))
  }

  @Test func aDialogThatIsDoneIsGoneBelowIt() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("/clear-history")
    client.press(.enter)
    client.type("yes")
    client.press(.enter)
    client = Self.afterHelp(
      client, .historyCleared(ConversationID(7), through: MessageSequence(3)))
    #expect(client.state.overlay == nil)
    #expect(!client.shows("message 3"))
  }

  @Test func aRefusedPasswordIsToldBelowIt() {
    var client = Client.chatting()
    client.type("/passwd")
    client.press(.enter)
    client = Self.afterHelp(
      client, .passwordChangeFailed(.refused(RPCError(.wrongCredentials, "no"))))
    guard case .password(let form) = client.state.overlay else {
      Issue.record("the form is gone")
      return
    }
    #expect(!form.isUnderWay && form.problem != nil)
  }
}
