import MartletProtocol
import Testing

@testable import TUICore

/// The server's database was put back to an earlier state.
@Suite struct RestoredBackupTests {
  @Test func anEpochLeavesNothingButWhatTheUserHasWritten() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.type("sent before")
    client.press(.enter)
    client.press(.up)
    #expect(client.state.keyContext == .messages)
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.historyVoided)
    #expect(!client.shows("message 1") && !client.shows("message 3"))
    #expect(client.shows("sent before"))
    #expect(client.state.chat.contacts.order.isEmpty)
    // Keys act on the input again, not on a message that is gone.
    #expect(client.state.keyContext == .input)
    client.type("a draft")
    #expect(client.shows("a draft"))
    // What is sent keeps its key.
    client.apply(.resumed(behind: []))
    #expect(
      client.effects.contains { effect in
        if case .send(let message) = effect { message.key == Client.key(1) } else { false }
      })
  }

  @Test func whatWasShownOfTheServersIsClosed() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.press(.character("g"), .control)
    #expect(client.state.keyContext == .switcher)
    client.apply(.historyVoided)
    #expect(client.state.keyContext == .input)
  }

  @Test func aServerThatHasLostMessagesIsLoadedAfresh() {
    var client = Client.chatting(messages: Client.messages(1...5))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.connectionChanged(.connected))
    client.apply(.resumed(behind: [summary(last: 3)]))
    #expect(!client.shows("message 5"))
    client.apply(
      .contactsLoaded(
        .init(
          contacts: [
            Client.contact(
              Client.leilei, conversation: 7, last: MessageSequence(3), read: MessageSequence(3))
          ], next: nil)))
    // The open conversation is asked for anew, from its end.
    #expect(
      client.effects.contains { effect in
        if case .loadHistory(_, .latest, _) = effect { true } else { false }
      })
  }

  @Test func whatArrivesBeforeTheReplyIsNoSignOfLoss() {
    var client = Client.chatting(messages: Client.messages(1...3))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.connectionChanged(.connected))
    // Stored after the reply was read from the database, and pushed before it.
    client.apply(.messageReceived(Client.message(4, from: Client.leilei, "message 4")))
    client.apply(.resumed(behind: [summary(last: 3)]))
    #expect(client.shows("message 3") && client.shows("message 4"))
  }

  private func summary(last: Int64) -> ConversationSummary {
    ConversationSummary(
      id: ConversationID(7), members: [UserID(1), UserID(2)], lastSequence: MessageSequence(last),
      readSequence: MessageSequence(last), unread: 0, lastMessage: nil)
  }
}
