import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

/// Frames that are refused: with which id, code and words.
@Suite struct BadFrameTests {
  private static let envelope =
    "A request has 'jsonrpc', a 'method' and an 'id' that is a number or a short text."

  @Test(arguments: [
    "", " ", "hello", "{", "{}}", #"{"jsonrpc":"2.0""#, "{'jsonrpc':'2.0'}", "nul", "\u{0}",
    "\u{FEFF}", #"{"id":NaN}"#, #"{"id":0x1}"#, #"{"jsonrpc":"2.0"} {"jsonrpc":"2.0"}"#,
  ])
  func whatIsNoJSONCannotBeParsed(_ text: String) {
    expect(text, isRefusedTo: nil, .parseError, "The frame is not JSON.")
  }

  @Test(
    arguments: [
      [0xFF], [0xC0, 0x80], [0x22, 0xED, 0xA0, 0x80, 0x22], Array(repeating: 0x80, count: 4096),
      [0x7B, 0x22, 0x61, 0x22, 0x3A, 0x22, 0xFF, 0x22, 0x7D],
    ] as [[UInt8]])
  func whatIsNoUTF8IsNeverARequest(_ bytes: [UInt8]) {
    let incoming = IncomingRequest(frame: Data(bytes))
    #expect(incoming.id == nil)
    #expect(!incoming.isNotification)
    #expect(throws: RPCError.self) { try incoming.request.get() }
  }

  @Test func randomBytesNeverTrap() {
    var generator = SeededGenerator(seed: 6)
    let alphabet =
      Array(#"{}[]":,.-+eE0123456789truefalsn\u/ idmethodparams"#.utf8) + [0, 0x80, 0xFF]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0..<64, using: &generator)
      let bytes = (0..<count).compactMap { _ in alphabet.randomElement(using: &generator) }
      #expect(throws: RPCError.self) { try IncomingRequest(frame: Data(bytes)).request.get() }
    }
  }

  @Test func everyPrefixOfARequestIsRefused() {
    let frame =
      #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":2,"key":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","text":"好\n"}}"#
      .frame
    #expect(throws: Never.self) { try IncomingRequest(frame: frame).request.get() }
    for count in 0..<frame.count {
      #expect(throws: RPCError.self) {
        try IncomingRequest(frame: frame.prefix(count)).request.get()
      }
    }
  }

  @Test(arguments: ["null", "true", "1", "\"text\"", "[]", "[{}]", "[[]]"])
  func whatIsNoObjectIsNoRequest(_ text: String) {
    expect(
      text, isRefusedTo: nil, .invalidRequest,
      "A frame is one JSON-RPC 2.0 request, an object; batches are not served.")
  }

  @Test func aBatchIsRefusedWhole() {
    expect(
      #"[{"jsonrpc":"2.0","id":1,"method":"session.logout","params":{}}]"#, isRefusedTo: nil,
      .invalidRequest, "A frame is one JSON-RPC 2.0 request, an object; batches are not served.")
  }

  @Test(arguments: [
    #""id":1,"method":"typing","params":{}"#, #""jsonrpc":2.0,"id":1,"method":"typing""#,
    #""jsonrpc":null,"id":1,"method":"typing""#, #""jsonrpc":"2.0","id":1"#,
    #""jsonrpc":"2.0","id":1,"method":null"#, #""jsonrpc":"2.0","id":1,"method":["typing"]"#,
    #""jsonrpc":"2.0","id":1,"result":{}"#,
  ])
  func anEnvelopeWithAWrongFieldIsAnsweredByItsID(_ fields: String) {
    expect("{\(fields)}", isRefusedTo: .number(1), .invalidRequest, Self.envelope)
  }

  @Test(arguments: ["1.0", "", "2", "2.0 "])
  func anotherVersionOfJSONRPCIsRefused(_ version: String) {
    expect(
      #"{"jsonrpc":"\#(version)","id":"a","method":"session.logout","params":{}}"#,
      isRefusedTo: .text("a"), .invalidRequest, "The field 'jsonrpc' must be \"2.0\".")
  }

  @Test(arguments: [
    "null", "1.5", "1e400", "true", "{}", "[1]", "9223372036854775808", "\"\\ud800\"",
    "\"\(String(repeating: "x", count: 65))\"", "\"\(String(repeating: "好", count: 22))\"",
  ])
  func anIDThatCannotBeEchoedIsAnsweredWithNull(_ id: String) {
    expect(
      #"{"jsonrpc":"2.0","id":\#(id),"method":"session.logout","params":{}}"#, isRefusedTo: nil,
      .invalidRequest, Self.envelope)
  }

  @Test(arguments: [
    "{}", #"{"method":"typing"}"#, #"{"jsonrpc":"2.0"}"#, #"{"jsonrpc":"2.0","method":1}"#,
  ])
  func aBadEnvelopeWithoutAnIDIsNoNotification(_ text: String) {
    expect(text, isRefusedTo: nil, .invalidRequest, Self.envelope)
  }

  @Test(arguments: [
    "", "Hello", "hello ", "session", "conversation.mute", "rpc.discover", "\\u0000",
  ])
  func anUnknownMethodIsNamedAsSuch(_ method: String) {
    expect(
      #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{}}"#, isRefusedTo: .number(1),
      .unknownMethod, "There is no such method.")
  }

  @Test(arguments: [
    #"{"jsonrpc":"2.0","method":"no.such","params":{}}"#, #"{"jsonrpc":"2.0","method":"typing"}"#,
  ])
  func aBadNotificationIsStillANotification(_ text: String) {
    let incoming = IncomingRequest(frame: text.frame)
    #expect(incoming.isNotification)
    #expect(throws: RPCError.self) { try incoming.request.get() }
  }

  @Test(
    arguments: [
      ("typing", nil, "'params' is missing or null"),
      ("typing", "null", "'params' is missing or null"),
      ("typing", "[]", "'params' has the wrong type"),
      ("typing", "[4]", "'params' has the wrong type"),
      ("typing", "\"swordfish\"", "'params' has the wrong type"),
      ("typing", "{}", "'params.conversation' is missing or null"),
      ("typing", #"{"conversation":null}"#, "'params.conversation' is missing or null"),
      ("typing", #"{"conversation":"swordfish"}"#, "'params.conversation' has the wrong type"),
      ("typing", #"{"conversation":4.5}"#, "a number or a text in 'params' is not valid"),
      ("typing", #"{"conversation":1e400}"#, "a number or a text in 'params' is not valid"),
      (
        "typing", #"{"conversation":9223372036854775808}"#,
        "a number or a text in 'params' is not valid"
      ),
      (
        "hello", #"{"protocol":[1],"client":"c","capabilities":[]}"#,
        "'params.protocol.1' is missing or null"
      ),
      (
        "hello", #"{"protocol":[1,"swordfish"],"client":"c","capabilities":[]}"#,
        "'params.protocol.1' has the wrong type"
      ),
      (
        "hello", #"{"protocol":[1,1],"client":"c","capabilities":["a",7]}"#,
        "'params.capabilities.1' has the wrong type"
      ),
      (
        "session.login", #"{"name":"a","password":["swordfish"],"device":"d"}"#,
        "'params.password' has the wrong type"
      ),
      (
        "session.login", #"{"name":"a","password":"\ud800swordfish","device":"d"}"#,
        "a number or a text in 'params' is not valid"
      ),
      (
        "session.login", #"{"name":"a","password":"swordfish\udc00","device":"d"}"#,
        "a number or a text in 'params' is not valid"
      ),
      (
        "session.resume", #"{"token":"swordfish","cursors":[{"conversation":1}]}"#,
        "'params.cursors.0.sequence' is missing or null"
      ),
      (
        "session.resume", #"{"token":"swordfish","cursors":{}}"#,
        "'params.cursors' has the wrong type"
      ),
      ("message.send", #"{"with":2,"key":"swordfish","text":"x"}"#, "'params.key' is not valid"),
      (
        "message.send", #"{"with":2,"key":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f"}"#,
        "'params.text' is missing or null"
      ),
      (
        "conversation.history", #"{"with":2,"limit":"swordfish"}"#,
        "'params.limit' has the wrong type"
      ),
      (
        "conversation.history", #"{"with":2,"before":"swordfish","limit":1}"#,
        "'params.before' has the wrong type"
      ),
      ("contacts.list", #"{"after":7,"limit":1}"#, "'params.after' has the wrong type"),
    ] as [(String, String?, String)])
  func wrongParametersNameTheFieldAndNeverItsValue(
    _ method: String, _ params: String?, _ reason: String
  ) {
    let params = params.map { #","params":\#($0)"# } ?? ""
    expect(
      #"{"jsonrpc":"2.0","id":1,"method":"\#(method)"\#(params)}"#, isRefusedTo: .number(1),
      .invalidParameters, "Invalid parameters: \(reason).")
  }

  @Test(arguments: [#""conversation":4,"with":2,"#, #""with":null,"#, ""])
  func aTargetIsNeverTwoThingsOrNone(_ target: String) {
    expect(
      #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{\#(target)"key":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","text":"x"}}"#,
      isRefusedTo: .number(1), .invalidParameters,
      "Invalid parameters: give either 'conversation' or 'with'.")
  }

  @Test(arguments: [#""before":9,"after":1"#, #""after":1,"around":1"#, #""around":1,"before":1"#])
  func anAnchorIsNeverTwoThings(_ anchors: String) {
    expect(
      #"{"jsonrpc":"2.0","id":1,"method":"conversation.history","params":{"with":2,\#(anchors),"limit":1}}"#,
      isRefusedTo: .number(1), .invalidParameters,
      "Invalid parameters: give at most one of 'before', 'after' and 'around'.")
  }

  @Test(arguments: ["[", "{\"a\":"])
  func nestingHoweverDeepIsRefusedAndNeverTraps(_ opening: String) {
    let deep = String(repeating: opening, count: 100_000)
    expect(deep, isRefusedTo: nil, .parseError, "The frame is not JSON.")
    let closing = opening == "[" ? "]" : "}"
    let whole = deep + "1" + String(repeating: closing, count: 100_000)
    expect(
      #"{"jsonrpc":"2.0","id":1,"method":"session.logout","params":{},"x":\#(whole)}"#,
      isRefusedTo: nil, .parseError, "The frame is not JSON.")
  }

  @Test func aNumberOfAMillionDigitsIsRefused() {
    let digits = String(repeating: "9", count: 1_000_000)
    expect(
      #"{"jsonrpc":"2.0","id":1,"method":"typing","params":{"conversation":\#(digits)}}"#,
      isRefusedTo: .number(1), .invalidParameters,
      "Invalid parameters: a number or a text in 'params' is not valid.")
  }

  @Test func ofTwoFieldsOfOneNameTheFirstCounts() {
    let incoming = IncomingRequest(
      frame:
        #"{"jsonrpc":"2.0","id":1,"id":2,"method":"typing","params":{"conversation":4,"conversation":5}}"#
        .frame)
    #expect(incoming.id == .number(1))
    #expect(
      (try? incoming.request.get()) == .notifyTyping(NotifyTyping(conversation: ConversationID(4))))
  }

  private func expect(
    _ text: String, isRefusedTo id: RequestID?, _ code: ErrorCode, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let incoming = IncomingRequest(frame: text.frame)
    #expect(incoming.id == id, sourceLocation: sourceLocation)
    #expect(!incoming.isNotification, sourceLocation: sourceLocation)
    #expect(throws: RPCError(code, message), sourceLocation: sourceLocation) {
      try incoming.request.get()
    }
  }
}
