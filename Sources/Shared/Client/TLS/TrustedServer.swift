import Synchronization

/// Which server a client believes at the moment, where its connections and its transfers find it.
final class TrustedServer: Sendable {
  private let state: Mutex<TLSPolicy>

  init(_ policy: TLSPolicy) { state = Mutex(policy) }

  var policy: TLSPolicy { state.withLock { $0 } }

  /// Wants the server to have a key; `nil` leaves it to the roots.
  func pin(_ key: KeyFingerprint?) { state.withLock { $0.pin = key } }
}
