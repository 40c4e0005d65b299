import Glibc
import NIOCore
import NIOSSL
import NIOTLS

/// Stands behind the TLS of a client's connection, tells how the handshake went, and leaves.
///
/// What is written before is kept back by NIOSSL until the server has been verified, and thrown away
/// when it is not the one that was meant.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  /// It failed for something else than the server's identity: there is no TLS there, or none that both
  /// speak.
  struct Failed: Error {
    let cause: String
  }

  private let pin: KeyFingerprint?
  private let done: EventLoopPromise<Void>

  private init(pin: KeyFingerprint?, done: EventLoopPromise<Void>) {
    self.pin = pin
    self.done = done
  }

  /// Puts TLS at the end of a pipeline that nothing was written to; nothing where the address asks for
  /// none.
  ///
  /// - Returns: the end of the handshake; it fails with ``UntrustedServer`` or ``Failed``.
  static func begin(
    on channel: any Channel, to address: ServerAddress, policy: TLSPolicy
  ) throws -> EventLoopFuture<Void> {
    guard address.usesTLS else { return channel.eventLoop.makeSucceededVoidFuture() }
    let context = try TLSContexts.context(for: policy)
    // RFC 6066, section 3: addresses are no names. NIOSSL compares them with the certificate by itself.
    let name = address.isIPAddress ? nil : address.host
    let handler: NIOSSLClientHandler
    if let pin = policy.pin {
      handler = try NIOSSLClientHandler(context: context, serverHostname: name) { chain, promise in
        let isPinned = chain.first.map { (try? KeyFingerprint(of: $0)) == pin } ?? false
        promise.succeed(isPinned ? .certificateVerified : .failed)
      }
    } else {
      handler = try NIOSSLClientHandler(context: context, serverHostname: name)
    }
    let done = channel.eventLoop.makePromise(of: Void.self)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(handler)
    try pipeline.addHandler(TLSHandshake(pin: policy.pin, done: done))
    return done.futureResult
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted? = event as? TLSUserEvent {
      done.succeed()
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // NIOSSL closes the connection after each.
    switch error {
    case is NIOSSLError, is NIOSSLExtraError:
      done.fail(doubt(because: error, context) ?? Failed(cause: "\(error)"))
    default: done.fail(error)
    }
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    done.fail(Failed(cause: "closed"))
    context.fireChannelInactive()
  }

  /// Also when the connection goes away before it was there.
  func handlerRemoved(context: ChannelHandlerContext) { done.fail(Failed(cause: "closed")) }

  /// What is wrong with the server, if that is what the error is about.
  private func doubt(
    because error: any Error, _ context: ChannelHandlerContext
  ) -> UntrustedServer? {
    if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
      return .otherName
    }
    // NIOSSL tells BoringSSL's reasons as text only.
    guard case NIOSSLError.handshakeFailed(.sslError(let stack)) = error,
      stack.contains(where: { $0.description.contains("CERTIFICATE_VERIFY_FAILED") })
    else { return nil }
    do {
      let handler = try context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
      guard let certificate = handler.peerCertificate else { return nil }
      let key = try KeyFingerprint(of: certificate)
      if pin != nil { return .changed(key) }
      let now = time(nil)
      guard certificate.notValidBefore <= now, now <= certificate.notValidAfter else {
        return .outOfDate
      }
      return .unknown(key)
    } catch {
      return nil
    }
  }
}
