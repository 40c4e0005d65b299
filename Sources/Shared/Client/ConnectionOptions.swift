/// What a ``Connection`` waits for and accepts.
public struct ConnectionOptions: Hashable, Sendable {
  /// How long connecting may take, name lookup and WebSocket handshake included.
  public var connectTimeout: Duration
  /// How long a reply may take.
  public var replyTimeout: Duration
  /// The largest message accepted from the server, in bytes, its fragments taken together.
  public var maximumFrameBytes: Int
  /// How many requests may be held back while ``Limits/pendingRequests`` are being answered.
  public var maximumQueuedRequests: Int
  /// Which servers to believe, where the address asks for TLS.
  public var tls: TLSPolicy

  /// The defaults suit a person at a terminal.
  public init(
    connectTimeout: Duration = .seconds(10), replyTimeout: Duration = .seconds(20),
    maximumFrameBytes: Int = 1024 * 1024, maximumQueuedRequests: Int = 1024,
    tls: TLSPolicy = TLSPolicy()
  ) {
    self.connectTimeout = connectTimeout
    self.replyTimeout = replyTimeout
    self.maximumFrameBytes = maximumFrameBytes
    self.maximumQueuedRequests = maximumQueuedRequests
    self.tls = tls
  }
}
