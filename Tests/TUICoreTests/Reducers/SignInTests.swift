import MartletProtocol
import Testing

@testable import TUICore

@Suite struct SignInTests {
  @Test func theFormCanBeFilledInBeforeThereIsAConnection() {
    var client = Client()
    client.type("alice")
    client.press(.enter)
    client.type("correct horse")
    client.press(.enter)
    #expect(client.effects.isEmpty)
    client.apply(.connectionChanged(.connected))
    #expect(client.effects == [.signIn(name: "alice", password: "correct horse")])
  }

  @Test func registeringSignsIn() {
    var client = registering(password: "correct horse", again: "correct horse")
    #expect(client.effects == [.register(name: "alice", password: "correct horse")])
    client.apply(.registered(Client.alice))
    #expect(client.effects == [.signIn(name: "alice", password: "correct horse")])
    client.apply(.signedIn(Client.alice))
    #expect(client.state.screen == .chat)
    #expect(client.state.signIn.password.isEmpty, "no password stays in memory")
    #expect(client.effects.contains(.loadContacts(after: nil, limit: 200)))
  }

  @Test func whatTheClientCanSeeToBeWrongIsNotSent() {
    #expect(registering(password: "short", again: "short").effects.isEmpty)
    let client = registering(password: "correct horse", again: "correct house")
    #expect(client.effects.isEmpty)
    #expect(client.shows("The two passwords differ"))
  }

  @Test func aPasswordIsNeverOnTheScreen() {
    var client = Client()
    client.press(.tab)
    client.type("s3cret")
    #expect(!client.shows("s3cret"))
    #expect(client.shows("••••••"))
  }

  @Test func theLineEndOfACopiedPasswordIsNoPartOfIt() {
    var client = Client()
    client.press(.tab)
    client.apply(.input(.paste("correct horse\r\n")))
    #expect(client.state.signIn.password.text == "correct horse")
  }

  @Test func aRefusedTokenLeadsToTheForm() {
    var client = Client(hasToken: true)
    client.apply(.connectionChanged(.connected))
    client.apply(.signInFailed(.connectionLost))
    #expect(client.state.screen == .chat)
    client.apply(.signInFailed(.refused(RPCError(.invalidToken, ""))))
    #expect(client.state.screen == .signIn)
    #expect(client.shows("no longer signed in"))
  }

  @Test func anEndedSessionLeavesNothingOfItOnTheScreen() {
    var client = ScreenTests.conversation(80, 24)
    client.apply(.sessionEnded(.byServer("revoked elsewhere")))
    #expect(client.shows("revoked elsewhere"))
    #expect(!client.shows("李雷"))
    #expect(client.state.chat.conversations.isEmpty)
  }

  @Test func whatComesForSomebodyWhoHasLeftReachesNobodyElse() {
    var client = ScreenTests.conversation(80, 24)
    client.apply(.sessionEnded(.loggedOut))
    let message = OutgoingMessage(
      target: .user(Client.bob.id), key: Client.key(50), text: "alice's", writtenAt: client.now)
    let saved = Action.savedLoaded(
      Client.alice.id, SavedState(drafts: [.user(Client.bob.id): "draft"], outbox: [message]))
    let late: [Action] = [
      saved, .contactsLoaded(.init(contacts: [Client.contact(Client.carol)], next: nil)),
      .messageReceived(Client.message(9, from: Client.leilei, "late")),
      .presenceChanged(Client.bob, online: true, lastSeen: nil),
      .conversationCreated(ConversationID(7), members: [Client.alice.id, Client.leilei.id]),
    ]
    for action in late { client.apply(action) }
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.bob))
    client.apply(saved)
    #expect(client.sentKeys.isEmpty)
    #expect(client.state.chat.outbox.isEmpty)
    #expect(client.state.chat.conversations.isEmpty)
    #expect(client.state.chat.contacts.order.isEmpty)
  }

  @Test func aLostConnectionDuringSignInTriesAgain() {
    var client = Client()
    client.apply(.connectionChanged(.connected))
    client.type("alice")
    client.press(.enter)
    client.type("correct horse")
    client.press(.enter)
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.signInFailed(.connectionLost))
    client.apply(.connectionChanged(.connected))
    #expect(client.effects == [.signIn(name: "alice", password: "correct horse")])
  }

  private func registering(password: String, again: String) -> Client {
    var client = Client()
    client.apply(.connectionChanged(.connected))
    client.press(.function(2))
    for text in ["alice", password, again] {
      client.type(text)
      client.press(.enter)
    }
    return client
  }
}
