import Synchronization

/// The token of a client's session, where the transfers of that client find it. Nobody else gets to
/// see it.
final class SessionToken: Sendable {
  private let state = Mutex<String?>(nil)

  /// `nil` while there is no session.
  var value: String? {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}

extension Client {
  /// Uploads and downloads with the token of the present session. They outlive a lost connection.
  public nonisolated var transfers: AttachmentTransfers {
    AttachmentTransfers(
      channel: TransferChannel(
        address: configuration.address, connectTimeout: configuration.connection.connectTimeout,
        group: configuration.group),
      backoff: configuration.backoff, time: configuration.time, token: token)
  }
}
