/// Opens the conversation between client and server: the first request on every connection.
public struct Hello: RequestMessage {
  public static let method = "hello"

  /// The protocol versions the client speaks.
  public let `protocol`: VersionRange
  /// The client's name and version, for the server's log.
  public let client: String
  /// Optional features the client wants; names the server does not know are ignored.
  public let capabilities: [String]

  public init(
    protocol: VersionRange = .spoken, client: String, capabilities: [String] = []
  ) {
    self.protocol = `protocol`
    self.client = client
    self.capabilities = capabilities
  }

  /// What the server says of itself.
  public struct Reply: Codable, Hashable, Sendable {
    /// The version that both will speak.
    public let `protocol`: Int
    /// The server's name and version.
    public let server: String
    /// Names the server's database for ever.
    public let serverID: String
    /// Changes when the database was restored from a backup: every cursor is void then.
    public let epoch: Int64
    /// The server's clock.
    public let time: Timestamp
    /// What the server accepts.
    public let limits: Limits
    /// Who may make an account; `nil` from a server that does not say.
    public let registration: Registration?

    public init(
      protocol: Int, server: String, serverID: String, epoch: Int64, time: Timestamp,
      limits: Limits, registration: Registration? = nil
    ) {
      self.protocol = `protocol`
      self.server = server
      self.serverID = serverID
      self.epoch = epoch
      self.time = time
      self.limits = limits
      self.registration = registration
    }

    private enum CodingKeys: String, CodingKey {
      case `protocol`, server, epoch, time, limits, registration
      case serverID = "server_id"
    }
  }
}

/// Who may make an account on a server. The set is open: a client shows its usual form for one that it does
/// not know.
public struct Registration: RawRepresentable, Codable, Hashable, Sendable {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Everybody.
  public static let open = Registration(rawValue: "open")
  /// Whoever has a code, which goes into ``RegisterAccount/invite``.
  public static let invite = Registration(rawValue: "invite")
  /// Nobody.
  public static let closed = Registration(rawValue: "closed")
}

/// An inclusive range of protocol versions; `[1, 1]` on the wire.
public struct VersionRange: Codable, Hashable, Sendable {
  /// The oldest version spoken.
  public let oldest: Int
  /// The newest version spoken.
  public let newest: Int

  /// The versions that this library speaks.
  public static let spoken = VersionRange(oldest: 1, newest: 1)

  public init(oldest: Int, newest: Int) {
    self.oldest = oldest
    self.newest = newest
  }

  /// Whether a version is in the range.
  public func contains(_ version: Int) -> Bool { oldest <= version && version <= newest }

  /// The newest version that both ranges hold, `nil` when they have none in common.
  public func newestCommon(with other: VersionRange) -> Int? {
    let version = min(newest, other.newest)
    return version >= max(oldest, other.oldest) ? version : nil
  }

  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    oldest = try container.decode(Int.self)
    newest = try container.decode(Int.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(oldest)
    try container.encode(newest)
  }
}
