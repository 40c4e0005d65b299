import LoadCore
import Testing

@Suite struct XMPPStreamTests {
  private static let conversation = """
    <?xml version='1.0'?><stream:stream id='1' version='1.0' xmlns='jabber:client'>\
    <stream:features><mechanisms xmlns='x'><mechanism>PLAIN</mechanism></mechanisms></stream:features>\
    <success xmlns='y'/><iq id='bind' type='result'><bind><jid>a@b/c</jid></bind></iq> \
    <presence from='a@b/c'/><message from="a" type='chat'><body>1 2 你好</body></message>\
    <iq type='error' id='ready'><error/></iq><message to='x'><stanza-id/></message>\
    <stream:error>bye</stream:error></stream:stream>
    """
  private static let elements: [XMPPStream.Element] = [
    .other, .other, .features, .success, .answer("bind"), .other,
    .message(Array("1 2 你好".utf8)), .answer(nil), .other,
    .failure("<stream:error>bye</stream:error>"), .failure("it has ended"),
  ]

  @Test func readsAStream() {
    var stream = XMPPStream()
    let elements = stream.read(Self.conversation.utf8)
    #expect(elements == Self.elements)
  }

  @Test func readsAStreamByteByByte() {
    var stream = XMPPStream()
    let elements = Self.conversation.utf8.flatMap { stream.read([$0]) }
    #expect(elements == Self.elements)
  }
}
