import Synchronization

/// The token of a client's session, where the transfers of that client find it. Nobody else gets to
/// see it, nor does whatever answers at the server's address before it has been found to be that
/// server: the token is there only while the session is kept on a connection.
final class SessionToken: Sendable {
  enum State: Equatable, Sendable {
    /// There is no session.
    case none
    /// There is one, or will be, once the connection is back.
    case away
    case present(String)
  }

  private typealias Waiting = CheckedContinuation<Void, Never>

  private let guarded = Mutex<(state: State, waiting: [Int: Waiting], count: Int)>((.none, [:], 0))

  var state: State {
    get { guarded.withLock { $0.state } }
    set {
      let waiting = guarded.withLock { guarded in
        guarded.state = newValue
        guard newValue != .away else { return [Waiting]() }
        defer { guarded.waiting = [:] }
        return Array(guarded.waiting.values)
      }
      for waiting in waiting { waiting.resume() }
    }
  }

  /// The token, waited for while the connection is away.
  ///
  /// - Throws: ``TransferError/notSignedIn`` or ``TransferError/cancelled``.
  func value() async throws(TransferError) -> String {
    while true {
      switch state {
      case .present(let token): return token
      case .none: throw .notSignedIn
      case .away:
        await change()
        guard !Task.isCancelled else { throw .cancelled }
      }
    }
  }

  /// Waits until the state is not ``State/away``, or the task is cancelled.
  private func change() async {
    let number = guarded.withLock { guarded in
      guarded.count += 1
      return guarded.count
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mustWait = guarded.withLock { guarded in
          guard guarded.state == .away, !Task.isCancelled else { return false }
          guarded.waiting[number] = continuation
          return true
        }
        if !mustWait { continuation.resume() }
      }
    } onCancel: {
      guarded.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
    }
  }
}

extension Client {
  /// Uploads and downloads with the token of the present session. They outlive a lost connection.
  public nonisolated var transfers: AttachmentTransfers {
    AttachmentTransfers(
      channel: TransferChannel(
        address: configuration.address, connectTimeout: configuration.connection.connectTimeout,
        tls: trusted, group: configuration.group),
      backoff: configuration.backoff, time: configuration.time, token: token)
  }
}
