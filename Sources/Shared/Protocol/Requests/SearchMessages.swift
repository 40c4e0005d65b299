/// Searches one conversation for a text, the newest messages first.
///
/// A message is found if it holds the text as it stands, once both are compatibility-normalised (NFKC)
/// and case-folded. No character is special.
public struct SearchMessages: RequestMessage {
  public static let method = "conversation.search"

  /// The conversation.
  public let target: Target
  /// What to look for; at most ``Limits/queryBytes`` long.
  public let query: String
  /// The ``Reply/next`` of the page before; `nil` for the first.
  public let after: String?
  /// How many hits at the most; held to 1...``Limits/pageEntries``.
  public let limit: Int

  public init(target: Target, query: String, after: String? = nil, limit: Int) {
    self.target = target
    self.query = query
    self.after = after
    self.limit = limit
  }

  private enum CodingKeys: String, CodingKey {
    case query, after, limit
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    target = try Target(from: decoder)
    query = try container.decode(String.self, forKey: .query)
    after = try container.decodeIfPresent(String.self, forKey: .after)
    limit = try container.decode(Int.self, forKey: .limit)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try target.encode(to: encoder)
    try container.encode(query, forKey: .query)
    try container.encodeIfPresent(after, forKey: .after)
    try container.encode(limit, forKey: .limit)
  }

  /// One page of hits.
  public struct Reply: Codable, Hashable, Sendable {
    /// The messages found, the newest first. There may be fewer than asked for, or none, although more
    /// follow: a page ends, too, when the server has looked through as much as it does for one request.
    public let hits: [SearchHit]
    /// How many messages match from where this page begins, as far as the server has counted.
    public let count: Int
    /// Whether ``count`` is all of them; otherwise there may be more.
    public let exact: Bool
    /// Where the next page begins; `nil` after the last.
    public let next: String?

    public init(hits: [SearchHit], count: Int, exact: Bool, next: String?) {
      self.hits = hits
      self.count = count
      self.exact = exact
      self.next = next
    }
  }
}

/// A message that was found.
public struct SearchHit: Codable, Hashable, Sendable {
  /// The whole message.
  public let message: Message
  /// Where in its text the query stands, in ascending order, without overlaps; never empty.
  public let ranges: [TextRange]

  public init(message: Message, ranges: [TextRange]) {
    self.message = message
    self.ranges = ranges
  }
}

/// A stretch of a text, counted in Unicode scalars; on the wire an array of start and length.
public struct TextRange: Codable, Hashable, Sendable {
  /// The first scalar, from 0.
  public let start: Int
  /// How many scalars.
  public let length: Int

  public init(start: Int, length: Int) {
    self.start = start
    self.length = length
  }

  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    start = try container.decode(Int.self)
    length = try container.decode(Int.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(start)
    try container.encode(length)
  }
}
