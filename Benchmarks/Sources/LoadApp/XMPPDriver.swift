import FoundationEssentials
import LoadCore
import NIOCore
import NIOPosix

/// Talks to an XMPP server over plain TCP (RFC 6120), as the accounts `load-n` of `localhost`, whose
/// password is `a long password`. The server says nothing of durability: a message is through when it has
/// arrived.
struct XMPPDriver: Driver {
  let host: String
  let port: Int
  let group: any EventLoopGroup
  let acknowledges = false

  private static let domain = "localhost"

  func signIn(
    _ account: Int, received: @escaping @Sendable (Substring.UTF8View) -> Void
  ) async throws -> any Speaker {
    let greeting = group.next().makePromise(of: Void.self)
    let channel = try await ClientBootstrap(group: group)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            XMPPHandler(
              account: account, domain: Self.domain, greeting: greeting, received: received))
        }
      }
      .connect(host: host, port: port).get()
    try await greeting.futureResult.get()
    return XMPPSpeaker(channel: channel, domain: Self.domain)
  }
}

private struct XMPPSpeaker: Speaker {
  let channel: any Channel
  let domain: String

  func say(
    _ text: String, to account: Int,
    acknowledged: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    // None of the texts has a character that XML would want escaped.
    let stanza =
      "<message to='load-\(account)@\(domain)' type='chat'><body>\(text)</body></message>"
    channel.writeAndFlush(ByteBuffer(string: stanza), promise: nil)
  }

  func leave() async {
    // Closed already is as good.
    try? await channel.close().get()
  }
}

/// Signs in, step after step, and passes texts on.
private final class XMPPHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private enum Step { case connected, authenticating, authenticated, binding, starting, present }

  private let account: Int
  private let domain: String
  private let greeting: EventLoopPromise<Void>
  private let received: @Sendable (Substring.UTF8View) -> Void
  private var step = Step.connected
  private var stream = XMPPStream()

  init(
    account: Int, domain: String, greeting: EventLoopPromise<Void>,
    received: @escaping @Sendable (Substring.UTF8View) -> Void
  ) {
    self.account = account
    self.domain = domain
    self.greeting = greeting
    self.received = received
  }

  func channelActive(context: ChannelHandlerContext) { open(context) }

  private func open(_ context: ChannelHandlerContext) {
    say(
      "<?xml version='1.0'?><stream:stream to='\(domain)' version='1.0' xmlns='jabber:client' "
        + "xmlns:stream='http://etherx.jabber.org/streams'>", context)
  }

  private func say(_ text: String, _ context: ChannelHandlerContext) {
    context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    for element in stream.read(unwrapInboundIn(data).readableBytesView) {
      switch (element, step) {
      case (.message(let body), _): received(String(decoding: body, as: UTF8.self)[...].utf8)
      case (.features, .connected):
        step = .authenticating
        let credentials = "\0load-\(account)\0a long password"
        say(
          "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
            + "\(Data(credentials.utf8).base64EncodedString())</auth>", context)
      case (.success, .authenticating):
        step = .authenticated
        stream = XMPPStream()
        open(context)
      case (.features, .authenticated):
        step = .binding
        say(
          "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            + "<resource>load</resource></bind></iq>", context)
      case (.answer("bind"), .binding):
        step = .starting
        // Obsolete, and wanted by some; then a request of which the answer says that all is done.
        say(
          "<iq type='set' id='session'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"
            + "<presence/><iq type='get' id='ready' to='\(domain)'><ping xmlns='urn:xmpp:ping'/></iq>",
          context)
      case (.answer("ready"), .starting):
        step = .present
        greeting.succeed()
      case (.failure(let words), _): fail(LoadError("the XMPP server says \(words)"), context)
      case (.answer(nil), .binding): fail(LoadError("the XMPP server binds no resource"), context)
      default: break
      }
    }
  }

  private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
    greeting.fail(error)
    context.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

  func channelInactive(context: ChannelHandlerContext) {
    greeting.fail(LoadError("the XMPP server closed the connection"))
  }
}
