import MartletProtocol
import Testing

@testable import TUICore

/// What becomes of messages that are not stored yet, by the user's hand.
@Suite struct OutboxTests {
  private let gone = RequestFailure.refused(RPCError(.unknownUser, ""))

  @Test func theDraftIsForgottenInTheStrokeThatKeepsTheMessage() throws {
    var client = Client.chatting()
    client.type("hi")
    client.apply(.timerFired(.draft))
    let target = Target.user(Client.leilei.id)
    #expect(client.effects == [.saveDraft(Client.alice.id, target, "hi")])
    client.press(.enter)
    let saved = try #require(client.effects.compactMap(\.savedOutbox).first)
    #expect(saved.messages.map(\.text) == ["hi"])
    #expect(saved.drafts == [target: ""])
    #expect(!client.effects.contains { if case .saveDraft = $0 { true } else { false } })
  }

  @Test func aDraftIsKeptWithinHalfASecond() {
    var client = Client.chatting()
    client.type("h")
    let delays = client.effects.compactMap { effect -> Int64? in
      if case .schedule(.draft, let delay) = effect { delay } else { nil }
    }
    #expect(delays.count == 1 && delays.allSatisfy { $0 < 500 })
    client.type("ello")
    client.apply(.timerFired(.draft))
    #expect(
      client.effects == [.saveDraft(Client.alice.id, .user(Client.leilei.id), "hello")])
  }

  @Test func aDraftThatWaitedIsLeftAloneByAMessageSentByCommand() throws {
    var client = Client.chatting()
    client.type("waiting")
    client.apply(.timerFired(.draft))
    client.press(.character("g"), .control)
    client.type("bob")
    client.press(.enter)
    client.type("/msg 李雷 now")
    client.press(.enter)
    let saved = try #require(client.effects.compactMap(\.savedOutbox).first)
    #expect(saved.messages.map(\.text) == ["now"])
    #expect(saved.drafts[.user(Client.leilei.id)] == "waiting")
    #expect(client.state.chat.editor.text == "waiting")
  }

  @Test(arguments: [
    (SavingProblem.diskFull, "The disk is full"), (.refused, "cannot be written to disk"),
    (.slow, "The disk is slow"),
  ])
  func whatTheDiskDoesNotTakeIsSentAllTheSameAndSaidSo(problem: SavingProblem, words: String) {
    var client = Client.chatting(120, 30)
    client.type("hi")
    client.press(.enter)
    #expect(client.sentTexts == ["hi"])
    client.apply(.savingFailed(problem))
    #expect(client.shows(words))
    #expect(client.shows("hi …"))
  }

  @Test func theSelectedFailedMessageAloneIsSentAgain() {
    var client = failed(["one", "two"])
    client.press(.up)
    client.press(.character("r"))
    #expect(client.sentTexts == ["two"])
    #expect(client.shows("one ✗"))
    #expect(client.shows("two …"))
  }

  @Test func aMessagePutOffGoesOutAtOnceOnRequest() {
    var client = Client.chatting()
    client.type("hi")
    client.press(.enter)
    client.apply(
      .messageFailed(
        Client.key(1), .refused(RPCError(.unavailable, "", retryAfter: 60_000))))
    client.press(.up)
    client.press(.character("r"))
    #expect(client.sentTexts == ["hi"])
    // On its way already, it is not sent twice.
    client.press(.character("r"))
    #expect(client.sentTexts.isEmpty)
  }

  @Test func aMessageThatWaitsForTheConnectionBringsItAboutOnRequest() {
    var client = Client.chatting()
    client.apply(.connectionChanged(.waiting(retryAt: client.now, reason: "")))
    client.type("hi")
    client.press(.enter)
    client.press(.up)
    #expect(client.shows("r send again"))
    client.press(.character("r"))
    #expect(client.effects == [.reconnect])
  }

  @Test func theSelectedMessageIsDiscardedAndItsTextCanBeCalledBack() throws {
    var client = failed(["one", "two"])
    client.press(.up)
    client.press(.character("c"))
    let saved = try #require(client.effects.compactMap(\.savedOutbox).first)
    #expect(saved.messages.map(\.text) == ["one"])
    #expect(client.shows("one ✗"))
    #expect(!client.shows("two ✗"))
    client.type("x")
    client.press(.up)
    #expect(client.state.chat.editor.text == "two")
  }

  @Test func aMessageOnItsWayCannotBeDiscarded() {
    var client = Client.chatting()
    client.type("hi")
    client.press(.enter)
    client.press(.up)
    client.press(.delete)
    #expect(client.shows("hi …"))
    #expect(client.shows("cannot be taken back"))
    // Without a connection it waits, and can.
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.press(.delete)
    #expect(!client.shows("hi …"))
    client.apply(.resumed(behind: []))
    #expect(client.sentTexts.isEmpty)
  }

  @Test func allFailedMessagesOfTheConversationAreDiscardedAndNoOthers() throws {
    var client = failed(["one", "two"])
    client.type("three")
    client.press(.enter)
    client.press(.character("x"), .alt)
    let saved = try #require(client.effects.compactMap(\.savedOutbox).first)
    #expect(saved.messages.map(\.text) == ["three"])
    #expect(client.shows("three …"))
    #expect(client.shows("2 messages discarded"))
    client.press(.character("x"), .alt)
    #expect(client.shows("No message has failed."))
  }

  /// With messages that the server will not take.
  private func failed(_ texts: [String]) -> Client {
    var client = Client.chatting()
    for (index, text) in texts.enumerated() {
      client.type(text)
      client.press(.enter)
      client.apply(.messageFailed(Client.key(UInt64(index + 1)), gone))
    }
    return client
  }
}

extension Effect {
  /// What it keeps of an outbox.
  var savedOutbox: (messages: [OutgoingMessage], drafts: [Target: String])? {
    if case .saveOutbox(_, let messages, let drafts) = self { (messages, drafts) } else { nil }
  }
}
