/// A request from client to server: one struct, one method name, one reply type.
public protocol RequestMessage: Codable, Hashable, Sendable {
  /// What a successful answer carries.
  associatedtype Reply: Codable & Hashable & Sendable
  /// The name on the wire. Retired names are never used again.
  static var method: String { get }
}

/// A notification from server to client, which gets no answer.
public protocol PushMessage: Codable, Hashable, Sendable {
  /// The name on the wire. Retired names are never used again.
  static var method: String { get }
}

/// The reply of requests whose success says everything: an empty object.
public struct Done: Codable, Hashable, Sendable {
  public init() {}
}
