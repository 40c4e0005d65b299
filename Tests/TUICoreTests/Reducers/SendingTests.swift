import MartletProtocol
import Testing

@testable import TUICore

@Suite struct SendingTests {
  let seven = ConversationID(7)

  @Test func aMessageAppearsAtOnceAndIsKeptBeforeItIsSent() throws {
    var client = Client.chatting()
    client.type("hi")
    client.press(.enter)
    let message = OutgoingMessage(
      target: .user(Client.leilei.id), key: Client.key(1), text: "hi", writtenAt: client.now)
    let kept = try #require(
      client.effects.firstIndex(
        of: .saveOutbox(Client.alice.id, [message], drafts: [message.target: ""])))
    let sent = try #require(client.effects.firstIndex(of: .send(message)))
    #expect(kept < sent)
    #expect(client.shows("hi …"))
    #expect(client.state.chat.editor.isEmpty)
  }

  @Test func aStoredMessageGetsItsTickAndLeavesTheOutbox() {
    var client = Client.chatting()
    client.type("hi")
    client.press(.enter)
    client.apply(stored(1, at: 1))
    #expect(client.effects.contains(.saveOutbox(Client.alice.id, [])))
    #expect(client.shows("hi ✓"))
    client.apply(.readChanged(seven, Client.leilei.id, MessageSequence(1)))
    #expect(client.shows("hi ✓✓"))
  }

  @Test func aRefusedMessageIsSentAgainUnderTheSameKeyOnRequest() throws {
    var client = Client.chatting()
    client.type("hi")
    client.press(.enter)
    client.apply(.messageFailed(Client.key(1), .refused(RPCError(.unavailable, ""))))
    #expect(client.shows("hi ✗"))
    client.press(.character("r"), .alt)
    #expect(client.sentKeys == [Client.key(1)])
    #expect(client.shows("hi …"))
  }

  @Test func aMessagePutOffIsSentAgainByItselfAndNotOvertaken() {
    var client = Client.chatting()
    for text in ["one", "two"] {
      client.type(text)
      client.press(.enter)
    }
    #expect(client.sentKeys == [], "one at a time")
    let busy = RequestFailure.refused(RPCError(.unavailable, "", retryAfter: 3000))
    client.apply(.messageFailed(Client.key(1), busy))
    #expect(client.effects == [.schedule(.retry, afterMilliseconds: 3000)])
    #expect(client.shows("one …"))
    client.apply(.timerFired(.retry))
    #expect(client.sentKeys == [Client.key(1)])
    client.apply(stored(1, at: 1))
    #expect(client.sentKeys == [Client.key(2)])
    client.apply(stored(2, at: 2))
    #expect(client.sentKeys == [])
  }

  @Test func aMessagePutOffTooOftenFailsAndLetsTheNextOneGo() {
    var client = Client.chatting()
    for text in ["one", "two"] {
      client.type(text)
      client.press(.enter)
    }
    let busy = RequestFailure.refused(RPCError(.overloaded, "", retryAfter: .max))
    var tries = 1
    while client.shows("one …"), tries < 100 {
      client.apply(.messageFailed(Client.key(1), busy))
      if client.effects == [.schedule(.retry, afterMilliseconds: 60_000)] {
        client.apply(.timerFired(.retry))
        tries += 1
      }
    }
    #expect(tries == 10)
    #expect(client.shows("one ✗"))
    #expect(client.sentKeys == [Client.key(2)])
  }

  @Test func aMessageNeverAnsweredIsAskedForAgainUnderTheSameKey() {
    var client = Client.chatting()
    client.type("hi")
    client.press(.enter)
    client.apply(.messageFailed(Client.key(1), .connectionLost))
    #expect(client.effects == [.schedule(.retry, afterMilliseconds: 1000)])
    client.apply(.timerFired(.retry))
    #expect(client.sentKeys == [Client.key(1)])
  }

  @Test func aMessagePutOffIsNotSentTwiceAfterAReconnection() {
    var client = Client.chatting()
    client.type("hi")
    client.press(.enter)
    client.apply(.messageFailed(Client.key(1), .connectionLost))
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.apply(.timerFired(.retry))
    #expect(client.sentKeys == [], "there is no session")
    client.apply(.resumed(behind: []))
    #expect(client.sentKeys == [Client.key(1)])
    client.apply(.timerFired(.retry))
    #expect(client.sentKeys == [])
  }

  @Test func anothersMessageUnderTheSameKeyDoesNotSettleOnesOwn() {
    var client = Client.chatting()
    client.type("mine")
    client.press(.enter)
    client.apply(
      .messageReceived(
        Message(
          conversation: seven, sequence: MessageSequence(1), sender: Client.leilei.id,
          sentAt: client.now, key: Client.key(1), text: "theirs")))
    #expect(client.shows("theirs"))
    #expect(client.shows("mine …"))
    client.apply(stored(1, at: 2))
    #expect(client.shows("mine ✓"))
  }

  @Test func whatWasWrittenBeforeTheOutboxWasReadComesAfterIt() {
    var client = Client.chatting()
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    client.type("new")
    client.press(.enter)
    let old = OutgoingMessage(
      target: .user(Client.leilei.id), key: Client.key(50), text: "old", writtenAt: client.now)
    client.apply(.savedLoaded(Client.alice.id, SavedState(outbox: [old])))
    guard case .saveOutbox(_, let kept, _)? = client.effects.first else {
      Issue.record("not kept")
      return
    }
    #expect(kept.map(\.text) == ["old", "new"])
    client.apply(.resumed(behind: []))
    #expect(client.sentKeys == [Client.key(50)])
  }

  @Test func whatIsWrittenOfflineIsSentInOrderWhenTheSessionResumes() {
    var client = Client.chatting()
    client.apply(.connectionChanged(.connecting(attempt: 1)))
    for text in ["one", "two"] {
      client.type(text)
      client.wait(milliseconds: 10)
      client.press(.enter)
      #expect(client.sentKeys.isEmpty)
    }
    client.apply(.connectionChanged(.connected))
    #expect(client.sentKeys.isEmpty)
    client.apply(.resumed(behind: []))
    #expect(client.sentKeys == [Client.key(1)])
    client.apply(stored(1, at: 1))
    #expect(client.sentKeys == [Client.key(2)])
  }

  @Test func aMessageWhoseAnswerWasLostIsSettledByItsOwnPush() {
    var client = Client.chatting()
    client.type("once")
    client.press(.enter)
    client.apply(.messageFailed(Client.key(1), .connectionLost))
    #expect(client.shows("once …"))
    client.apply(
      .messageReceived(
        Message(
          conversation: seven, sequence: MessageSequence(1), sender: Client.alice.id,
          sentAt: client.now, key: Client.key(1), text: "once")))
    #expect(client.text.count { $0.contains("once") } == 1)
    #expect(client.shows("once ✓"))
    client.apply(stored(1, at: 1))
    #expect(client.text.count { $0.contains("once") } == 1)
  }

  @Test func theOutboxOfAnEarlierRunIsSentAgain() {
    var client = Client(hasToken: true)
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.alice))
    #expect(client.effects.contains(.loadSaved(Client.alice.id)))
    let message = OutgoingMessage(
      target: .user(Client.bob.id), key: Client.key(50), text: "still here",
      writtenAt: client.now)
    client.apply(
      .savedLoaded(
        Client.alice.id, SavedState(drafts: [.user(Client.leilei.id): "半"], outbox: [message])))
    #expect(client.sentKeys == [Client.key(50)])
    client.apply(
      .contactsLoaded(
        .init(contacts: [Client.contact(Client.leilei), Client.contact(Client.bob)], next: nil)))
    client.type("/msg 李雷")
    client.press(.enter)
    #expect(client.state.chat.editor.text == "半")
  }

  @Test func anEmptyOrTooLongTextIsNotSent() {
    var client = Client.chatting()
    client.type("  ")
    client.press(.enter)
    #expect(client.sentKeys.isEmpty)
    client.press(.character("c"), .control)
    let long = String(repeating: "长", count: 6000)
    client.apply(.input(.paste(long)))
    client.press(.enter)
    #expect(client.sentKeys.isEmpty)
    #expect(client.state.chat.editor.text == long, "the text is not lost")
    #expect(client.state.notice?.isProblem == true)
  }

  @Test func aPasteOfManyLinesIsOneDraftUntilEnter() {
    var client = Client.chatting()
    client.apply(.input(.paste("a\r\nb\r\nc")))
    #expect(client.sentKeys.isEmpty)
    client.press(.enter)
    #expect(client.sentTexts == ["a\nb\nc"])
  }

  @Test func typingNoticesAreAtMostOneInThreeSeconds() {
    var client = Client.chatting()
    client.type("a")
    #expect(client.effects.contains(.typing(seven)))
    client.wait(milliseconds: 2999)
    client.type("b")
    #expect(!client.effects.contains(.typing(seven)))
    client.wait(milliseconds: 1)
    client.type("c")
    #expect(client.effects.contains(.typing(seven)))
  }

  @Test func commandsAreNotAnnouncedAsTyping() {
    var client = Client.chatting()
    client.type("/")
    #expect(!client.effects.contains(.typing(seven)))
  }

  @Test func aMistypedCommandIsNeverSentAndStays() {
    var client = Client.chatting()
    client.type("/quti")
    client.press(.enter)
    #expect(client.effects.allSatisfy { if case .schedule = $0 { true } else { false } })
    #expect(client.shows("Did you mean /quit?"))
    #expect(client.state.chat.editor.text == "/quti")
  }

  @Test func aMessageToNobodyStaysToBeCorrected() {
    var client = Client.chatting()
    client.type("/msg nobody-of-that-name hello")
    client.press(.enter)
    #expect(client.shows("There is nobody called nobody-of-that-name."))
    #expect(client.state.chat.editor.text == "/msg nobody-of-that-name hello")
  }

  @Test func writingWhileWaitingToConnectTriesAtOnce() {
    var client = Client.chatting()
    let retryAt = client.now.advanced(byMilliseconds: 20_000)
    client.apply(.connectionChanged(.waiting(retryAt: retryAt, reason: "lost")))
    client.type("hello")
    client.press(.enter)
    #expect(client.effects.contains(.reconnect))
    #expect(client.sentTexts.isEmpty)
  }

  @Test func presenceIsNotShownAsLiveWhileDisconnected() {
    var client = Client.chatting()
    #expect(client.shows("李雷 ● online"))
    let retryAt = client.now.advanced(byMilliseconds: 20_000)
    client.apply(.connectionChanged(.waiting(retryAt: retryAt, reason: "lost")))
    #expect(!client.shows("●"))
    #expect(!client.shows("online"))
  }

  @Test func twoSlashesSendOne() {
    var client = Client.chatting()
    client.type("//etc/hosts")
    client.press(.enter)
    #expect(client.sentTexts == ["/etc/hosts"])
  }

  @Test func msgOpensTheContactAndSendsTheTextAndKeepsItsDraft() {
    var client = Client.chatting()
    client.type("/msg BOB hello there")
    client.press(.enter)
    #expect(client.state.chat.open == .user(Client.bob.id))
    #expect(client.sentTexts == ["hello there"])
    #expect(client.state.chat.editor.isEmpty)
  }

  @Test func tabCompletesCommandsAndNames() {
    var client = Client.chatting()
    client.type("/m")
    client.press(.tab)
    #expect(client.state.chat.editor.text == "/msg ")
    client.type("b")
    client.press(.tab)
    #expect(client.state.chat.editor.text == "/msg bob ")
  }

  private func stored(_ key: UInt64, at sequence: Int64) -> Action {
    .messageStored(
      Client.key(key),
      .init(
        conversation: seven, sequence: MessageSequence(sequence),
        sentAt: moment("2026-11-23T09:55:01.000Z")))
  }
}

extension Client {
  private var sent: [OutgoingMessage] {
    effects.compactMap { if case .send(let message) = $0 { message } else { nil } }
  }

  /// The keys that the last action sent, in order.
  var sentKeys: [IdempotencyKey] { sent.map(\.key) }
  var sentTexts: [String] { sent.map(\.text) }
}
