/// Names the database that a server serves from.
public struct ServerIdentity: Hashable, Sendable {
  /// A UUID made with the database.
  public let id: String
  /// Counts up when the database is restored from a backup.
  public let epoch: Int64

  public init(id: String, epoch: Int64) {
    self.id = id
    self.epoch = epoch
  }
}

/// Where the server's identity is kept.
public protocol IdentityStore: Sendable {
  /// The identity of the database.
  func serverIdentity() async throws(StoreError) -> ServerIdentity
}
