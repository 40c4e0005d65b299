import Logging
import NIOCore
import ServerCore
import Synchronization

/// Lets connections in as long as there is room, before anything is made or read for them.
final class Admission: Sendable {
  struct Refused: Error {}

  private struct State {
    var cap: ConnectionCap
    /// When it was last written down that one was refused.
    var saidAt: NIODeadline?
    var refused = 0
  }

  /// A flood is no reason to fill the log.
  private static let silence = TimeAmount.seconds(60)

  private let state: Mutex<State>
  private let proxies: TrustedProxies
  private let logger: Logger

  init(_ cap: ConnectionCap, proxies: TrustedProxies, logger: Logger) {
    state = Mutex(State(cap: cap))
    self.proxies = proxies
    self.logger = logger
  }

  /// Counts a connection until it closes. Returns where it comes from, and whether it is believed about that:
  /// a proxy that is counts as this machine.
  ///
  /// - Throws: ``Refused`` when it is one too many, or has closed already; then it is to be closed.
  func admit(_ channel: any Channel) throws(Refused) -> (origin: Origin, isTrusted: Bool) {
    guard let address = channel.remoteAddress?.ipAddress, let own = Origin(ipAddress: address)
    else { throw Refused() }
    let isTrusted = proxies.contains(address)
    let origin = isTrusted ? Origin.local : own
    if let refusal = state.withLock({ $0.cap.admit(origin) }) {
      say(refusal, origin, at: channel.eventLoop.now)
      throw Refused()
    }
    channel.closeFuture.whenComplete { [self] _ in state.withLock { $0.cap.closed(origin) } }
    return (origin, isTrusted)
  }

  private func say(_ refusal: ConnectionCap.Refusal, _ origin: Origin, at now: NIODeadline) {
    let refused: Int? = state.withLock { state in
      state.refused += 1
      if let saidAt = state.saidAt, now < saidAt + Self.silence { return nil }
      state.saidAt = now
      defer { state.refused = 0 }
      return state.refused
    }
    guard let refused else { return }
    logger.warning(
      "connections are refused",
      metadata: [
        "reason": "\(refusal.rawValue)", "from": "\(origin)", "refused": "\(refused)",
      ])
  }
}
