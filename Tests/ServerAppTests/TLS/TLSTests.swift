import FoundationEssentials
import MartletClient
import MartletProtocol
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import TestSupport
import Testing

@testable import ServerApp

/// The server and the client's library, with TLS between them.
@Suite(.timeLimit(.minutes(1))) struct TLSTests {
  @Test(arguments: ["localhost", "127.0.0.1"])
  func messagesAndFilesGoThroughTLS(host: String) async throws {
    let authority = try TestCertificate.authority()
    let server = try TestCertificate.server(signedBy: authority)
    try await TestServer.with(server) { server in
      let alice = try await session("alice", at: server.address(host), .trusting(authority))
      let bob = try await session("bob", at: server.address(host), .trusting(authority))

      // Larger than one record, and than what is sent at once.
      let path = try TestDirectory.make("song.wav")
      let bytes = wavHead(size: 700_000) + Array(repeating: 7, count: 700_000 - 44)
      try Data(bytes).write(to: URL(filePath: path))
      let file = try await alice.client.transfers.upload(
        UploadSource(path: path, name: "song.wav", size: Int64(bytes.count)))
      _ = try await alice.client.request(
        SendMessage(target: .user(bob.user.id), key: .fresh(), text: "听", attachment: file.id))
      var events = bob.events.makeAsyncIterator()
      while let event = await events.next() {
        guard case .push(.message(let push)) = event else { continue }
        #expect(push.message.text == "听")
        break
      }
      let copy = try TestDirectory.make("copy.wav")
      try await bob.client.transfers.download(file.id, size: file.size, to: copy)
      #expect(try Data(contentsOf: URL(filePath: copy)) == Data(bytes))
      await alice.client.stop()
      await bob.client.stop()
    }
  }

  @Test func serverThatNobodyVouchesForIsRefusedWithItsFingerprint() async throws {
    let certificate = try TestCertificate.server()
    let stranger = try TestCertificate.authority()
    try await TestServer.with(certificate) { server in
      let key = try #require(KeyFingerprint(try certificate.fingerprint()))
      #expect(try await server.doubt(TLSPolicy()) == .unknown(key))
      #expect(try await server.doubt(.trusting(stranger)) == .unknown(key))
    }
  }

  /// Also when it is for other names and has expired: as with `ssh`, the key is what counts.
  @Test func pinnedKeyIsAcceptedWhateverTheCertificateSays() async throws {
    let certificate = try TestCertificate.server("DNS:elsewhere.example", days: -1)
    try await TestServer.with(certificate) { server in
      let key = try #require(KeyFingerprint(try certificate.fingerprint()))
      #expect(try await server.doubt(TLSPolicy(pin: key)) == nil)
      #expect(try await server.doubt(TLSPolicy(pin: key), host: "localhost") == nil)
    }
  }

  @Test func anotherKeyThanThePinnedOneIsRefusedAlsoWhenTheRootsVouchForIt() async throws {
    let authority = try TestCertificate.authority()
    let certificate = try TestCertificate.server(signedBy: authority)
    let pin = KeyFingerprint(try TestCertificate.server().fingerprint())
    try await TestServer.with(certificate) { server in
      let key = try #require(KeyFingerprint(try certificate.fingerprint()))
      var policy = TLSPolicy.trusting(authority)
      #expect(try await server.doubt(policy) == nil)
      policy.pin = pin
      #expect(try await server.doubt(policy) == .changed(key))
    }
  }

  @Test func renewalWithTheSameKeyKeepsThePin() async throws {
    let certificate = try TestCertificate.server()
    let pin = KeyFingerprint(try certificate.fingerprint())
    try await TestServer.with(certificate) { server in
      #expect(try await server.doubt(TLSPolicy(pin: pin)) == nil)
      try certificate.replace(with: try TestCertificate.server(withKeyOf: certificate, days: 9))
      await server.reloadCertificate()
      #expect(try await server.doubt(TLSPolicy(pin: pin)) == nil)
    }
  }

  @Test func filesGoToNoOtherKeyThanTheSession() async throws {
    let certificate = try TestCertificate.server()
    let pin = KeyFingerprint(try certificate.fingerprint())
    try await TestServer.with(certificate) { server in
      let alice = try await session("alice", at: server.address(), TLSPolicy(pin: pin))
      try certificate.replace(with: try TestCertificate.server())
      await server.reloadCertificate()
      let other = try #require(KeyFingerprint(try certificate.fingerprint()))
      let refusal = TransferError.interrupted(UntrustedServer.changed(other).description)
      await #expect(throws: refusal) {
        try await alice.client.transfers.discard(AttachmentID(high: 1, low: 2))
      }
      await alice.client.stop()
    }
  }

  @Test func certificateForOtherNamesIsRefused() async throws {
    let authority = try TestCertificate.authority()
    let certificate = try TestCertificate.server(
      "DNS:elsewhere.example,IP:127.0.0.9", signedBy: authority)
    try await TestServer.with(certificate) { server in
      for host in ["localhost", "127.0.0.1"] {
        let doubt = try await server.doubt(.trusting(authority), host: host)
        #expect(doubt == .otherName)
      }
    }
  }

  @Test(arguments: [false, true])
  func expiredCertificateIsRefusedAndNoQuestion(isSigned: Bool) async throws {
    let authority = try TestCertificate.authority()
    let certificate = try TestCertificate.server(
      signedBy: isSigned ? authority : nil, days: -1)
    try await TestServer.with(certificate) { server in
      let doubt = try await server.doubt(.trusting(authority))
      #expect(doubt == .outOfDate)
    }
  }

  @Test func selfSignedCertificateMayBeItsOwnRoot() async throws {
    let certificate = try TestCertificate.server()
    try await TestServer.with(certificate) { server in
      let doubt = try await server.doubt(.trusting(certificate))
      #expect(doubt == nil)
    }
  }

  @Test func clientHoldsUntilItsOwnerPinsTheKey() async throws {
    let certificate = try TestCertificate.server()
    try await TestServer.with(certificate) { server in
      let key = try #require(KeyFingerprint(try certificate.fingerprint()))
      let (client, events) = Client.withEvents(
        configuration: ClientConfiguration(
          address: try await server.address(), name: "test", device: "test"))
      await client.start(.registration(name: "alice", password: "a good password"))
      var seen = events.makeAsyncIterator()
      #expect(await seen.next() == .connecting(attempt: 1))
      #expect(await seen.next() == .untrusted(.unknown(key)))
      // Trying again asks again.
      await client.reconnectNow()
      #expect(await seen.next() == .connecting(attempt: 1))
      #expect(await seen.next() == .untrusted(.unknown(key)))
      await client.pin(key)
      while let event = await seen.next() {
        if case .signedIn = event { break }
      }
      await client.stop()
    }
  }

  @Test func newCertificateIsForNewConnectionsAndOldOnesStay() async throws {
    let (first, second) = (try TestCertificate.server(), try TestCertificate.server())
    let files = try TestCertificate.server()
    try files.replace(with: first)
    let pins = try [first, second].map { KeyFingerprint(try $0.fingerprint()) }
    try await TestServer.with(files) { server in
      let old = try await server.connect(TLSPolicy(pin: pins[0]))
      try files.replace(with: second)
      await server.reloadCertificate()
      #expect(try await server.doubt(TLSPolicy(pin: pins[1])) == nil)
      #expect(try await server.doubt(TLSPolicy(pin: pins[0])) != nil)
      let refusal = await #expect(throws: ClientError.self) {
        try await old.request(ListContacts(limit: 1))
      }
      guard case .refused = refusal else {
        Issue.record("the old connection is gone: \(String(describing: refusal))")
        return
      }
    }
  }

  @Test func pairThatDoesNotFitIsNotTakenAndTheOldOneStays() async throws {
    let log = LogLines()
    let (files, other) = (try TestCertificate.server(), try TestCertificate.server())
    let tls = try ServerTLS(files.files, logger: log.logger)
    let before = tls.context
    for damage in ["cp '\(other.key)' '\(files.key)'", "rm '\(files.certificate)'"] {
      try files.damage(damage)
      tls.reload()
      #expect(tls.context === before)
      #expect(log.all.last == "error: the certificate was not read again: the old one stays")
    }
    try files.replace(with: other)
    tls.reload()
    #expect(tls.context !== before)
    #expect(log.all.last == "notice: certificate read again")
  }

  @Test func serverDoesNotStartWithFilesThatCannotBeUsed() throws {
    let (certificate, other) = (try TestCertificate.server(), try TestCertificate.server())
    let log = LogLines().logger
    let error = #expect(throws: OperatorError.self) {
      try TLSFiles(certificate: certificate.certificate, key: other.key).load(logger: log)
    }
    #expect(error?.description.contains("does not belong") == true)
    for (path, key) in [
      ("/nowhere", certificate.key), (certificate.key, certificate.key),
      (certificate.certificate, "/nowhere"), (certificate.certificate, certificate.certificate),
    ] {
      #expect(throws: OperatorError.self) {
        try TLSFiles(certificate: path, key: key).load(logger: log)
      }
    }
  }

  @Test func keyThatOthersMayReadAndExpiredCertificateAreWarnedOf() throws {
    let log = LogLines()
    let certificate = try TestCertificate.server(days: -1)
    try certificate.damage("chmod 600 '\(certificate.key)'")
    _ = try certificate.files.load(logger: log.logger)
    #expect(log.all == ["warning: the certificate has expired"])
    try certificate.damage("chmod 640 '\(certificate.key)'")
    _ = try certificate.files.load(logger: log.logger)
    #expect(
      log.all.dropFirst().first
        == "warning: others than its owner may read the TLS key; chmod 600 it")
  }

  @Test func plainHTTPToTheTLSPortIsToldSo() async throws {
    try await TestServer.with(try TestCertificate.server()) { server in
      let answer = try await server.request("GET /healthz")
      #expect(answer.status == 426)
      #expect(answer.headers["upgrade"] == "TLS/1.2, HTTP/1.1")
      #expect(answer.body == "This port speaks TLS only: use wss:// or https://.\n")
      let plain = try ServerAddress(host: "127.0.0.1", port: await server.port)
      await #expect(throws: ClientError.wrongTransport(plain)) {
        try await Connection.connect(to: plain, onPush: { _ in true })
      }
    }
  }

  @Test func serverWithoutTLSIsNoServerToAClientThatWantsIt() async throws {
    try await TestServer.with { server in
      let address = try await server.address()
      await #expect(throws: ClientError.wrongTransport(address)) {
        try await server.connect(TLSPolicy())
      }
    }
  }

  @Test func handshakeThatIsNeverFinishedIsBrokenOff() async throws {
    try await TestServer.with(try TestCertificate.server()) { server in
      let connection = try await RawConnection.connect(port: await server.port)
      // The head of a record, whose rest never comes.
      connection.write([22, 3, 1, 2, 0, 1])
      _ = try await connection.readToEnd()
    }
  }

  @Test func versionsBefore12AreRefusedAndHTTPIsAgreedOn() async throws {
    try await TestServer.with(try TestCertificate.server()) { server in
      let port = await server.port
      for version in [TLSVersion.tlsv12, .tlsv13] {
        let agreed = try await handshake(port: port, version)
        #expect(agreed == "http/1.1")
      }
      await #expect(throws: NIOSSLError.self) { try await handshake(port: port, .tlsv11) }
    }
  }

  // MARK: Parts

  private struct Session {
    let client: Client
    let events: ClientEvents
    let user: User
  }

  /// Registers somebody and waits for the session.
  private func session(
    _ name: String, at address: ServerAddress, _ policy: TLSPolicy
  ) async throws -> Session {
    var configuration = ClientConfiguration(address: address, name: "test", device: "test")
    configuration.connection.tls = policy
    let (client, events) = Client.withEvents(configuration: configuration)
    await client.start(.registration(name: name, password: "a good password"))
    var seen = events.makeAsyncIterator()
    while let event = await seen.next() {
      switch event {
      case .signedIn(let reply): return Session(client: client, events: events, user: reply.user)
      case .untrusted(let server): throw server
      case .waiting(_, let error): throw error
      case .stopped: throw Failure("stopped")
      case .connecting, .connected, .registered, .resumed, .push: continue
      }
    }
    throw Failure("no events")
  }

  /// Makes a handshake of one version, and tells the protocol that was agreed on.
  private func handshake(port: Int, _ version: TLSVersion) async throws -> String? {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    configuration.minimumTLSVersion = version
    configuration.maximumTLSVersion = version
    configuration.applicationProtocols = ["h2", "http/1.1"]
    let context = try NIOSSLContext(configuration: configuration)
    let group = MultiThreadedEventLoopGroup.singleton
    let agreed = group.next().makePromise(of: String?.self)
    let channel = try await ClientBootstrap(group: group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
          try pipeline.addHandler(Handshake(agreed: agreed))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    defer { channel.close(promise: nil) }
    return try await agreed.futureResult.get()
  }

  private final class Handshake: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let agreed: EventLoopPromise<String?>

    init(agreed: EventLoopPromise<String?>) { self.agreed = agreed }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard case .handshakeCompleted(let name)? = event as? TLSUserEvent else { return }
      agreed.succeed(name)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { agreed.fail(error) }
  }
}
