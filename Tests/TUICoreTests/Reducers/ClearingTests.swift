import MartletProtocol
import Testing

@testable import TUICore

@Suite struct ClearingTests {
  private static let conversation = ConversationID(7)
  private static let leilei = Target.user(Client.leilei.id)

  private static func asked(language: Language = .english) -> Client {
    var client = Client.chatting(messages: Client.messages(1...30), language: language)
    client.type("/clear-history")
    client.press(.enter)
    return client
  }

  @Test(arguments: ["yes", "YES", " yes ", "ｙｅｓ"]) func aTypedYesClears(answer: String) {
    var client = Self.asked()
    #expect(client.shows("李雷"))
    client.type(answer)
    client.press(.enter)
    #expect(client.effects.contains(.clearHistory(Self.conversation)))
    // Once is enough.
    #expect(client.press(.enter).isEmpty)
    client.apply(.historyCleared(Self.conversation, through: MessageSequence(30)))
    #expect(client.state.overlay == nil)
    #expect(client.state.chat[Self.leilei].timeline.messages.isEmpty)
    #expect(client.text.last?.contains("History cleared") == true)
    #expect(!client.shows("message 3"))
  }

  @Test(arguments: ["是", "yes"]) func inChineseEitherWordClears(answer: String) {
    var client = Self.asked(language: .chinese)
    client.type(answer)
    client.press(.enter)
    #expect(client.effects.contains(.clearHistory(Self.conversation)))
    client.apply(.historyCleared(Self.conversation, through: MessageSequence(30)))
    #expect(client.text.last?.contains("聊天记录已清空") == true)
  }

  @Test(arguments: ["", "y", "no", "yess", "ye s!", "是"]) func anythingElseKeepsEverything(
    answer: String
  ) {
    var client = Self.asked()
    client.type(answer)
    client.press(.enter)
    #expect(!client.effects.contains(.clearHistory(Self.conversation)))
    #expect(client.state.overlay == nil)
    #expect(client.shows("Nothing was deleted."))
    #expect(client.shows("message 30"))
  }

  @Test func escapeKeepsEverything() {
    var client = Self.asked()
    client.type("yes")
    client.press(.escape)
    #expect(client.state.overlay == nil)
    #expect(client.shows("message 30"))
  }

  @Test func aFailureIsToldAndTheQuestionStays() {
    var client = Self.asked()
    client.type("yes")
    client.press(.enter)
    client.apply(.clearFailed(Self.conversation, .refused(RPCError(.unavailable, ""))))
    #expect(client.shows("The server cannot do that right now"))
    #expect(client.press(.enter) == [.clearHistory(Self.conversation)])
  }

  @Test func withoutConnectionNothingIsAskedFor() {
    var client = Self.asked()
    client.apply(.connectionChanged(.connecting(attempt: 2)))
    client.type("yes")
    client.press(.enter)
    #expect(!client.effects.contains(.clearHistory(Self.conversation)))
    #expect(client.shows("The connection was lost"))
  }

  @Test func anEmptyConversationHasNothingToClear() {
    var client = Client.chatting()
    client.type("/clear-history")
    client.press(.enter)
    #expect(client.state.overlay == nil)
    #expect(client.shows("There is nothing to clear."))
  }

  @Test func clearedElsewhereItIsEmptyHereToo() {
    var client = Client.chatting(messages: Client.messages(1...30))
    client.apply(.historyCleared(Self.conversation, through: MessageSequence(30)))
    #expect(client.state.chat[Self.leilei].timeline.messages.isEmpty)
    #expect(client.shows("History cleared"))
    // What is late is not taken, what comes behind it is.
    client.apply(.messageReceived(Client.message(29, from: Client.leilei, "too late")))
    client.apply(.messageReceived(Client.message(31, from: Client.leilei, "afterwards")))
    #expect(!client.shows("too late"))
    #expect(client.shows("afterwards"))
    #expect(client.shows("beginning of the conversation"))
    #expect(client.state.chat[Self.leilei].timeline.reachesStart)
  }

  @Test func ofAConversationNotOpenTheContactIsNamed() {
    var client = Client.signedIn(contacts: [
      Client.contact(
        Client.leilei, conversation: 7, last: MessageSequence(9), read: MessageSequence(4),
        unread: 5),
      Client.contact(
        Client.bob, conversation: 8, last: MessageSequence(1), unread: 1,
        at: "2026-11-22T00:00:00.000Z"),
    ])
    #expect(client.state.chat.contacts.unreadTotal == 6)
    client.apply(.historyCleared(Self.conversation, through: MessageSequence(9)))
    #expect(client.shows("History with 李雷 cleared"))
    #expect(client.state.chat.contacts.unreadTotal == 1)
    // Opened, there is nothing to load from before.
    client.press(.enter)
    #expect(client.state.chat[Self.leilei].timeline.cleared == MessageSequence(9))
    #expect(client.state.chat[Self.leilei].readSequence == MessageSequence(9))
  }

  @Test func whatIsBehindTheClearedStaysUnread() {
    var client = Client.signedIn(contacts: [
      Client.contact(
        Client.leilei, conversation: 7, last: MessageSequence(9), read: MessageSequence(4),
        unread: 5)
    ])
    client.apply(.historyCleared(Self.conversation, through: MessageSequence(7)))
    #expect(client.state.chat.contacts.unreadTotal == 2)
  }

  @Test func ownUnsentMessagesStay() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.type("still to be sent")
    client.press(.enter)
    client.apply(.historyCleared(Self.conversation, through: MessageSequence(3)))
    #expect(client.shows("still to be sent"))
    client.apply(.connectionChanged(.connected))
    client.apply(.resumed(behind: []))
    #expect(client.effects.contains { if case .send = $0 { true } else { false } })
  }

  /// Whether the push or the reply comes first, nothing of it is left on the screen or in the outbox.
  @Test(arguments: [true, false])
  func aMessageStoredBeforeTheClearingIsGoneWithIt(pushComesFirst: Bool) throws {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("overtaken")
    client.press(.enter)
    let key = try #require(client.state.chat.outbox.keys.first)
    let pushed = Action.historyCleared(Self.conversation, through: MessageSequence(4))
    let stored = Action.messageStored(
      key,
      .init(conversation: Self.conversation, sequence: MessageSequence(4), sentAt: client.now))
    for action in pushComesFirst ? [pushed, stored] : [stored, pushed] { client.apply(action) }
    #expect(client.state.chat.outbox.isEmpty)
    #expect(!client.shows("overtaken"))
    #expect(client.shows("History cleared"))
    #expect(client.state.chat.contacts.unreadTotal == 0)
  }

  @Test func awayWhileItWasClearedTheSummarySaysSo() {
    var client = Client.chatting(messages: Client.messages(1...30))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.connectionChanged(.connected))
    let summary = ConversationSummary(
      id: Self.conversation, members: [Client.alice.id, Client.leilei.id],
      lastSequence: MessageSequence(32), clearedSequence: MessageSequence(30),
      readSequence: MessageSequence(30), unread: 2, lastMessage: nil)
    client.apply(.resumed(behind: [summary]))
    #expect(client.state.chat[Self.leilei].timeline.messages.isEmpty)
    #expect(
      client.effects.contains(.loadHistory(.conversation(Self.conversation), .latest, limit: 100)))
    client.apply(
      .historyLoaded(
        .conversation(Self.conversation), .latest,
        .init(
          conversation: Self.conversation, messages: Client.messages(31...32), more: false,
          reads: [])))
    #expect(client.shows("message 32"))
    #expect(client.shows("beginning of the conversation"))
  }

  @Test func aPageReadBeforeTheClearingSaysNothing() {
    var client = Client.chatting(messages: Client.messages(50...60), more: true)
    client.press(.pageUp)
    client.apply(.historyCleared(Self.conversation, through: MessageSequence(55)))
    client.apply(
      .historyLoaded(
        .conversation(Self.conversation), .before(MessageSequence(50)),
        .init(
          conversation: Self.conversation, messages: Client.messages(1...49), more: false,
          reads: [])))
    let timeline = client.state.chat[Self.leilei].timeline
    #expect(timeline.first == MessageSequence(56))
    #expect(timeline.reachesStart)
    #expect(!timeline.isBehind)
  }

  @Test func clearOnlyHidesTheView() {
    var client = Client.chatting(messages: Client.messages(1...30))
    client.type("/clear")
    client.press(.enter)
    #expect(client.state.chat[Self.leilei].timeline.messages.count == 30)
    #expect(client.state.overlay == nil)
  }

  @Test func helpOverTheQuestionLeadsBackToIt() {
    var client = Self.asked()
    client.type("ye")
    client.press(.function(1))
    #expect(client.shows("Keys and commands"))
    client.press(.escape)
    client.type("s")
    client.press(.enter)
    #expect(client.effects.contains(.clearHistory(Self.conversation)))
  }
}
