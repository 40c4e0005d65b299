import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

/// Good frames; each message's own shape is pinned by the examples of docs/protocol.md.
@Suite struct IncomingRequestTests {
  @Test func carriesTheIDAndTheRequest() throws {
    let frame =
      #"{"jsonrpc":"2.0","id":3,"method":"conversation.mark_read","params":{"conversation":4,"sequence":9}}"#
    let incoming = IncomingRequest(frame: frame.frame)
    #expect(incoming.id == .number(3))
    #expect(!incoming.isNotification)
    #expect(
      try incoming.request.get()
        == .markRead(MarkRead(conversation: ConversationID(4), sequence: MessageSequence(9))))
  }

  @Test(
    arguments: [
      ("0", .number(0)), ("-7", .number(-7)), ("9223372036854775807", .number(.max)),
      (#""""#, .text("")), (#""abc""#, .text("abc")), (#""李雷""#, .text("李雷")),
      ("\"\(String(repeating: "x", count: 64))\"", .text(String(repeating: "x", count: 64))),
    ] as [(String, RequestID)])
  func takesNumbersAndShortTextsAsIDs(_ text: String, _ id: RequestID) {
    let incoming = IncomingRequest(
      frame: #"{"jsonrpc":"2.0","id":\#(text),"method":"session.logout","params":{}}"#.frame)
    #expect(incoming.id == id)
    #expect((try? incoming.request.get()) == .logout(Logout()))
    #expect(
      WireCodec.encodeReply(Done(), to: id).text == #"{"id":\#(text),"jsonrpc":"2.0","result":{}}"#)
  }

  @Test func withoutAnIDIsANotification() {
    let incoming = IncomingRequest(
      frame: #"{"jsonrpc":"2.0","method":"typing","params":{"conversation":4}}"#.frame)
    #expect(incoming.id == nil)
    #expect(incoming.isNotification)
    #expect(
      (try? incoming.request.get()) == .notifyTyping(NotifyTyping(conversation: ConversationID(4))))
  }

  @Test func mayLeaveOutTheParametersOfAMethodThatHasNone() {
    let incoming = IncomingRequest(
      frame: #"{"jsonrpc":"2.0","id":1,"method":"session.logout"}"#.frame)
    #expect((try? incoming.request.get()) == .logout(Logout()))
  }

  @Test func ignoresFieldsThatItDoesNotKnow() {
    let incoming = IncomingRequest(
      frame: #"""
        {"trace": {"a": [1, null, "x"]}, "params": {"later": true, "conversation": 4, "\u0000": 1},
         "method": "typing", "id": "a", "jsonrpc": "2.0", "": ""}
        """#.frame)
    #expect(
      (try? incoming.request.get()) == .notifyTyping(NotifyTyping(conversation: ConversationID(4))))
  }

  @Test(
    arguments: [
      (#""conversation":4"#, .conversation(ConversationID(4))), (#""with":2"#, .user(UserID(2))),
      (#""conversation":null,"with":2"#, .user(UserID(2))),
    ] as [(String, Target)])
  func aTargetIsAConversationOrAUser(_ fields: String, _ target: Target) throws {
    let incoming = IncomingRequest(
      frame:
        #"{"jsonrpc":"2.0","id":1,"method":"conversation.history","params":{\#(fields),"limit":5}}"#
        .frame)
    #expect(
      try incoming.request.get()
        == .fetchHistory(FetchHistory(target: target, anchor: .latest, limit: 5)))
  }

  @Test(
    arguments: [
      (#""before":9,"#, .before(MessageSequence(9))), (#""after":0,"#, .after(.none)),
      (#""around":5,"#, .around(MessageSequence(5))), (#""before":null,"#, .latest), ("", .latest),
    ] as [(String, HistoryAnchor)])
  func anAnchorIsAtMostOneField(_ field: String, _ anchor: HistoryAnchor) throws {
    let incoming = IncomingRequest(
      frame:
        #"{"jsonrpc":"2.0","id":1,"method":"conversation.history","params":{"with":2,\#(field)"limit":5}}"#
        .frame)
    #expect(
      try incoming.request.get()
        == .fetchHistory(FetchHistory(target: .user(UserID(2)), anchor: anchor, limit: 5)))
  }

  @Test func readsEscapesAsTheTextTheyStandFor() throws {
    let incoming = IncomingRequest(
      frame: #"""
        {"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":2,
         "key":"017F22E2-79B0-7CC3-98C4-DC0C0C07398F","text":"\u597d\ud83d\ude42\/\n\u0000"}}
        """#.frame)
    guard case .sendMessage(let message) = try incoming.request.get() else {
      Issue.record("not message.send")
      return
    }
    // The NUL arrives as data; MessageText refuses it.
    #expect(message.text == "好🙂/\n\0")
    #expect(message.key.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
  }
}
