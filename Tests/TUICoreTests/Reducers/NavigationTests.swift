import MartletProtocol
import Testing

@testable import TUICore

@Suite struct NavigationTests {
  @Test func whatWasTypedBeforeAConversationWasOpenIsNotLost() {
    var client = Client.signedIn()
    client.press(.escape)
    client.type("hello")
    client.press(.escape)
    client.press(.enter)
    #expect(client.state.chat.open != nil)
    #expect(client.state.chat.editor.text == "hello")
  }

  @Test func recentConversationsComeFirstThenEveryoneByName() {
    var client = Client.signedIn(contacts: [
      Client.contact(Client.carol), Client.contact(User(id: UserID(8), name: "Adam")),
      Client.contact(Client.bob, conversation: 8, at: "2026-11-20T00:00:00.000Z"),
      Client.contact(Client.leilei, conversation: 7, at: "2026-11-21T00:00:00.000Z"),
    ])
    #expect(client.state.chat.contacts.order == [2, 3, 8, 4].map { UserID($0) })
    client.apply(.messageReceived(Client.message(1, from: Client.bob, "hi", conversation: 8)))
    #expect(client.state.chat.contacts.order == [3, 2, 8, 4].map { UserID($0) })
  }

  @Test func presenceTurnsTheDot() {
    var client = Client.signedIn()
    client.apply(.presenceChanged(Client.bob, online: false, lastSeen: client.now))
    #expect(client.shows("○ bob"))
    #expect(client.shows("Contacts 1/2"))
    client.apply(.presenceChanged(Client.carol, online: true, lastSeen: nil))
    #expect(client.shows("● carol"))
  }

  @Test func aStrangerWhoWritesIsLookedUp() {
    var client = Client.signedIn()
    client.apply(.conversationCreated(ConversationID(9), members: [UserID(1), UserID(4)]))
    client.apply(.messageReceived(Client.message(1, from: Client.carol, "hi", conversation: 9)))
    #expect(client.shows("○ #4"))
    #expect(client.effects.contains(.loadContacts(after: nil, limit: 200)))
    client.apply(
      .contactsLoaded(
        .init(
          contacts: [
            Client.contact(Client.carol, conversation: 9, last: MessageSequence(1), unread: 1)
          ], next: nil)))
    #expect(client.shows("○ carol"))
    #expect(client.shows("1 unread"))
  }

  @Test func oneselfIsNoContact() {
    var client = Client.signedIn()
    client.apply(.presenceChanged(Client.alice, online: true, lastSeen: nil))
    #expect(client.state.chat.contacts.order.count == 2)
  }

  @Test func draftsStayWithTheirConversation() {
    var client = Client.chatting()
    client.type("for leilei")
    client.press(.character("n"), .control)
    #expect(
      client.effects.contains(
        .saveDraft(Client.alice.id, .user(Client.leilei.id), "for leilei")))
    client.type("for bob")
    client.press(.character("/"), .alt)
    #expect(client.state.chat.editor.text == "for leilei")
    client.press(.character("/"), .alt)
    #expect(client.state.chat.editor.text == "for bob")
  }

  @Test func escapeNeverDiscardsText() {
    for columns in [40, 80] {
      var client = Client.chatting(columns)
      client.type("kept")
      for _ in 1...3 { client.press(.escape) }
      #expect(client.state.chat.openConversation?.draft.text == "kept")
    }
  }

  @Test func narrowScreensShowOnePaneAtATime() {
    var client = Client.signedIn(40, 12)
    #expect(client.shows("Contacts"))
    client.press(.enter)
    #expect(!client.shows("Contacts"))
    client.press(.left)
    #expect(client.shows("Contacts"))
    client.press(.function(2))
    #expect(!client.shows("Contacts"))
  }

  @Test func theMouseSelectsScrollsAndPlacesTheCaret() {
    var client = Client.chatting(messages: Client.messages(1...60))
    client.apply(.input(.mouse(row: 5, column: 40, kind: .wheelUp)))
    #expect(!client.shows("message 60"))
    client.type("你好")
    client.apply(.input(.mouse(row: 21, column: 29, kind: .press)))
    #expect(client.state.chat.editor.caret == 1)
    client.apply(.input(.mouse(row: 3, column: 5, kind: .press)))
    #expect(client.state.chat.open == .user(Client.bob.id))
  }

  @Test func theCursorIsAtTheCaretWhileMessagesStreamIn() throws {
    var client = Client.chatting()
    client.type("我马上到")
    let caret = try #require(client.canvas.cursor)
    for sequence in Int64(1)...30 {
      client.apply(.messageReceived(Client.message(sequence, from: Client.leilei, "流")))
      #expect(client.canvas.cursor == caret)
    }
  }

  @Test func controlCAsksBeforeQuittingAndClearsFirst() {
    var client = Client.chatting()
    client.type("text")
    client.press(.character("c"), .control)
    #expect(client.state.chat.editor.isEmpty)
    client.press(.character("c"), .control)
    #expect(!client.shows("Quit Martlet?"))
    client.press(.character("c"), .control)
    #expect(client.shows("Quit Martlet?"))
    client.press(.character("y"))
    #expect(client.effects.contains(.quit))
  }

  @Test func theSwitcherFindsByPartOfTheName() {
    var client = Client.chatting()
    client.press(.character("k"), .alt)
    client.type("ob")
    client.press(.enter)
    #expect(client.state.chat.open == .user(Client.bob.id))
  }

  @Test func inputHistoryIsReachedFromANonEmptyLine() {
    var client = Client.chatting()
    client.type("one")
    client.press(.enter)
    client.type("x")
    client.press(.up)
    #expect(client.state.chat.editor.text == "one")
    client.press(.down)
    #expect(client.state.chat.editor.text == "x")
  }

  @Test func upMovesWithinADraftOfSeveralRows() {
    var client = Client.chatting()
    client.apply(.input(.paste("first\nsecond")))
    client.press(.up)
    #expect(client.state.chat.editor.caret == 5)
    client.press(.down)
    #expect(client.state.chat.editor.caret == 11)
  }

  @Test func endAndHomeGoToTheEndsOfHelp() {
    var client = Client.chatting()
    client.press(.function(1))
    let top = client.canvas
    client.press(.end)
    #expect(client.shows("/quit"))
    client.press(.end)
    #expect(client.shows("/quit"))
    client.press(.home)
    #expect(client.canvas == top)
  }

  @Test func theTypingNoticeGoesAfterAWhile() {
    var client = Client.chatting()
    client.apply(.typingReceived(ConversationID(7), Client.leilei.id))
    #expect(client.effects.contains(.schedule(.typing, afterMilliseconds: 6000)))
    #expect(client.shows("is typing"))
    client.wait(milliseconds: 6000)
    client.apply(.timerFired(.typing))
    #expect(!client.shows("is typing"))
  }

  @Test func theCountdownRunsOnlyWhileThereIsOne() {
    var client = Client.chatting()
    let retry = client.now.advanced(byMilliseconds: 2000)
    client.apply(.connectionChanged(.waiting(retryAt: retry, reason: "refused")))
    #expect(client.effects.contains(.schedule(.countdown, afterMilliseconds: 1000)))
    client.wait(milliseconds: 2000)
    client.apply(.timerFired(.countdown))
    #expect(client.effects.isEmpty)
  }
}
