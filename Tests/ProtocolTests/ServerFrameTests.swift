import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@Suite struct ServerFrameTests {
  @Test func aReplyIsReadInTwoSteps() throws {
    let frame = #"{"jsonrpc":"2.0","id":1,"result":{"user":{"id":2,"name":"bob"}}}"#.frame
    guard case .reply(.number(1)) = try ServerFrame(frame: frame) else {
      Issue.record("not a reply")
      return
    }
    let reply = try WireCodec.decodeReply(frame, to: RegisterAccount.Reply.self)
    #expect(reply == RegisterAccount.Reply(user: User(id: UserID(2), name: "bob")))
    #expect(throws: DecodingError.self) { try WireCodec.decodeReply(frame, to: Login.Reply.self) }
  }

  @Test(arguments: [#""id":null,"#, ""])
  func aFailureMayHaveNoID(_ id: String) throws {
    let frame = #"{"jsonrpc":"2.0",\#(id)"error":{"code":-32700,"message":"?"}}"#.frame
    guard case .failure(nil, RPCError(.parseError, "?")) = try ServerFrame(frame: frame) else {
      Issue.record("not a failure without an id")
      return
    }
  }

  @Test(arguments: [
    #"{"jsonrpc":"2.0","method":"reaction","params":{"emoji":"🙂"}}"#,
    #"{"jsonrpc":"2.0","method":"reaction"}"#,
    #"{"jsonrpc":"2.0","method":"reaction","params":[1]}"#,
  ])
  func aPushOfANewerServerIsUnknown(_ text: String) throws {
    guard case .push(.unknown("reaction")) = try ServerFrame(frame: text.frame) else {
      Issue.record("not an unknown push")
      return
    }
  }

  @Test func fieldsOfANewerServerAreIgnored() throws {
    let frame =
      #"{"jsonrpc":"2.0","method":"typing","params":{"conversation":4,"user":2,"until":"x"},"trace":1}"#
    guard case .push(.typing(let push)) = try ServerFrame(frame: frame.frame) else {
      Issue.record("not a typing push")
      return
    }
    #expect(push == TypingPush(conversation: ConversationID(4), user: UserID(2)))
  }

  @Test(arguments: [
    "", "{", "null", "[]", "{}", #"{"jsonrpc":"2.0"}"#, #"{"jsonrpc":"2.0","id":null,"result":{}}"#,
    #"{"jsonrpc":"2.0","id":1.5,"result":{}}"#, #"{"jsonrpc":"2.0","method":7}"#,
    #"{"jsonrpc":"2.0","method":"typing"}"#, #"{"jsonrpc":"2.0","method":"typing","params":{}}"#,
    #"{"jsonrpc":"2.0","id":1,"error":"no"}"#, #"{"jsonrpc":"2.0","id":1,"error":{"code":"1"}}"#,
  ])
  func everythingElseIsAnErrorOfTheServer(_ text: String) {
    #expect(throws: DecodingError.self) { try ServerFrame(frame: text.frame) }
  }

  @Test func deepNestingNeverTraps() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: DecodingError.self) {
      try ServerFrame(frame: #"{"jsonrpc":"2.0","id":1,"result":\#(deep)"#.frame)
    }
  }
}
