public import MartletProtocol

/// `stats`: how much there is, and how many are connected.
public struct ReadStatistics: AdministrationAct {
  public struct Reply: Codable, Hashable, Sendable {
    /// How many people have a device connected to this server, and how many devices; `nil` when no server
    /// runs.
    public var online: Int?
    public var connections: Int?
    public let database: DatabaseStatistics
  }

  public init() {}

  public func perform(by administration: Administration) async throws(RPCError) -> Reply {
    let counts = administration.chat.hub.counts
    return Reply(
      online: counts.users, connections: counts.connections,
      database: try await administration.chat.asking { () async throws(StoreError) in
        try await administration.store.statistics()
      })
  }
}

/// `audit`: what was done, the newest first.
public struct ReadAudit: AdministrationAct {
  /// How many entries one answer has at most.
  public static let page = 1000

  /// Whom it concerns; everybody without.
  public let user: String?
  /// What was done; everything without.
  public let event: String?
  /// Only entries before this one; `nil` for the newest.
  public var before: Int64?
  public var limit: Int

  public init(
    user: String? = nil, event: String? = nil, before: Int64? = nil, limit: Int = page
  ) {
    self.user = user
    self.event = event
    self.before = before
    self.limit = limit
  }

  public func perform(by administration: Administration) async throws(RPCError) -> [AuditRecord] {
    // A name that nobody has would look like one of whom there is nothing.
    if let user { _ = try await administration.account(user) }
    return try await administration.chat.asking { () async throws(StoreError) in
      try await administration.store.audit(self)
    }
  }
}
