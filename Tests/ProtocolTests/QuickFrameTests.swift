import FoundationEssentials
import TestSupport
import Testing

@testable import MartletProtocol

/// The quick ways of reading and writing give what `Codable` does.
@Suite struct QuickFrameTests {
  private static let alphabet: [String] = [
    "a", "会", "🙂", "\"", "\\", "/", "\n", "\r", "\t", "\u{8}", "\u{C}", "\u{0}", "\u{1}", "\u{1F}",
    "\u{7F}", "\u{80}", "\u{2028}", "e\u{301}", "\\u0041", "\u{FEFF}", "\u{10FFFF}", " ", "{", "}",
  ]

  private struct Call<Params: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id: Int64?
    let method: String
    let params: Params
  }
  private struct Answer<Result: Encodable>: Encodable {
    let jsonrpc = "2.0"
    let id: Int64
    let result: Result
  }

  private func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  private func text(_ generator: inout SeededGenerator) -> String {
    (0..<Int.random(in: 0...8, using: &generator))
      .compactMap { _ in Self.alphabet.randomElement(using: &generator) }.joined()
  }

  private func message(_ generator: inout SeededGenerator) -> Message {
    Message(
      conversation: ConversationID(.random(in: 0...9_000_000_000, using: &generator)),
      sequence: MessageSequence([0, 1, 7, .max, .min].randomElement(using: &generator) ?? 0),
      sender: UserID(.random(in: -5...5, using: &generator)),
      sentAt: Timestamp(
        milliseconds: .random(in: -62_135_596_800_000...253_402_300_799_999, using: &generator)),
      key: IdempotencyKey(high: generator.next(), low: generator.next()), text: text(&generator))
  }

  /// The three frames about a message.
  private func frames(_ generator: inout SeededGenerator) throws -> (Data, Data, Data) {
    let message = message(&generator)
    let target: Target =
      Bool.random(using: &generator) ? .conversation(message.conversation) : .user(message.sender)
    let request = SendMessage(target: target, key: message.key, text: message.text)
    let id = message.sequence.rawValue
    let reply = SendMessage.Reply(
      conversation: message.conversation, sequence: message.sequence, sentAt: message.sentAt)
    let push = MessagePush(message: message)
    let frames = (
      try #require(request.quickFrame(id: id)), reply.quickFrame(id: id),
      try #require(push.quickFrame())
    )
    #expect(frames.0 == (try encoded(Call(id: id, method: SendMessage.method, params: request))))
    #expect(frames.1 == (try encoded(Answer(id: id, result: reply))))
    #expect(frames.2 == (try encoded(Call(id: nil, method: MessagePush.method, params: push))))
    return frames
  }

  /// Reads a frame both ways. Returns whether the quick one could.
  @discardableResult
  private func agree(onRequest frame: Data) -> Bool {
    guard let quick = IncomingRequest(quickly: frame) else { return false }
    let thorough = IncomingRequest(thoroughly: frame)
    #expect(quick.id == thorough.id)
    #expect(quick.request == thorough.request)
    #expect(quick.isNotification == thorough.isNotification)
    return true
  }

  @discardableResult
  private func agree(onAnswer frame: Data) throws -> Bool {
    guard let (id, reply) = SendMessage.Reply.read(quickly: frame) else { return false }
    guard case .reply(.number(let other)) = try ServerFrame(thoroughly: frame) else {
      Issue.record("not an answer: \(String(decoding: frame, as: UTF8.self))")
      return true
    }
    #expect(id == other)
    struct Whole: Decodable { let result: SendMessage.Reply }
    #expect(reply == (try JSONDecoder().decode(Whole.self, from: frame).result))
    return true
  }

  @discardableResult
  private func agree(onPush frame: Data) throws -> Bool {
    guard let push = MessagePush(quickly: frame) else { return false }
    guard case .push(.message(let other)) = try ServerFrame(thoroughly: frame) else {
      Issue.record("not a message: \(String(decoding: frame, as: UTF8.self))")
      return true
    }
    #expect(push == other)
    return true
  }

  @Test(arguments: [UInt64(1), 2]) func whatIsWrittenIsTheSameAndReadTheSame(_ seed: UInt64) throws
  {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let (request, reply, push) = try frames(&generator)
      agree(onRequest: request)
      try agree(onAnswer: reply)
      try agree(onPush: push)
    }
  }

  @Test(arguments: [UInt64(3), 4]) func whatWasTamperedWithIsReadTheSameOrThoroughly(
    _ seed: UInt64
  ) throws {
    var generator = SeededGenerator(seed: seed)
    let bytes = Array("\"\\{}[]:, \n0129-+.eEnulltrue\u{0}é".utf8)
    for _ in 0..<1500 {
      var (request, reply, push) = try frames(&generator)
      for _ in 0...Int.random(in: 0..<3, using: &generator) {
        for tamper in [
          { (frame: inout Data, place: Int, byte: UInt8) in frame[place] = byte },
          { (frame: inout Data, place: Int, byte: UInt8) in frame.insert(byte, at: place) },
          { (frame: inout Data, place: Int, byte: UInt8) in frame.remove(at: place) },
        ].shuffled(using: &generator).prefix(1) {
          let byte = bytes.randomElement(using: &generator) ?? 0
          tamper(&request, .random(in: 0..<request.count, using: &generator), byte)
          tamper(&reply, .random(in: 0..<reply.count, using: &generator), byte)
          tamper(&push, .random(in: 0..<push.count, using: &generator), byte)
        }
      }
      agree(onRequest: request)
      try agree(onAnswer: reply)
      try agree(onPush: push)
    }
  }

  private static let key = "0199f1f2-7cf4-7e3a-8a56-3d9e8b1c2d01"

  /// As other programs write them.
  @Test(arguments: [
    #"{"jsonrpc":"2.0","method":"message.send","params":{"with":2,"text":"x","key":"\#(key)"},"id":7}"#,
    " {\n\t\"jsonrpc\": \"2.0\", \"id\": 7, \"method\": \"message.send\",\r\n \"params\": "
      + "{\"conversation\": 12 , \"key\": \"\(key)\", \"text\": \"a \\\"b\\\" \\n\\\\ c\\/\"}} ",
  ])
  func otherOrdersAndBlanksAreReadQuickly(_ frame: String) {
    #expect(agree(onRequest: Data(frame.utf8)))
  }

  @Test(arguments: [
    #"{"jsonrpc":"2.0","method":"message.send","params":{"with":2,"text":"x","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":"a","method":"message.send","params":{"with":2,"text":"x","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":1,"id":2,"method":"message.send","params":{"with":2,"text":"x","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":2,"text":"\u0041","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":02,"text":"x","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":2.0,"text":"x","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":2,"conversation":1,"text":"x","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":2,"text":"x","key":"\#(key)","new":1}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":2,"text":"x","key":"\#(key)"}}}"#,
    #"{"jsonrpc":"1.0","id":1,"method":"message.send","params":{"with":2,"text":"x","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":1,"method":"typing","params":{"with":2,"text":"x","key":"\#(key)"}}"#,
    #"{"jsonrpc":"2.0","id":9223372036854775808,"method":"message.send","params":{"with":2,"text":"x","key":"\#(key)"}}"#,
    "", "{", "{}", "[]", "{\"id\":1", "{\"id\":1,", "{\"text\":\"\\",
  ])
  func whatIsUnusualIsReadThoroughly(_ frame: String) {
    #expect(IncomingRequest(quickly: Data(frame.utf8)) == nil)
  }

  @Test func aTextThatIsNotUTF8IsReadThoroughly() {
    var frame = Data(
      #"{"jsonrpc":"2.0","id":1,"method":"message.send","params":{"with":2,"text":"x","key":"\#(Self.key)"}}"#
        .utf8)
    #expect(IncomingRequest(quickly: frame) != nil)
    if let place = frame.firstIndex(of: UInt8(ascii: "x")) { frame[place] = 0xFF }
    #expect(IncomingRequest(quickly: frame) == nil)
  }
}
