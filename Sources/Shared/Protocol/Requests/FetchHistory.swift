/// Asks for a stretch of a conversation.
public struct FetchHistory: RequestMessage {
  public static let method = "conversation.history"

  /// The conversation.
  public let target: Target
  /// Which stretch of it.
  public let anchor: HistoryAnchor
  /// How many messages at the most; held to 1...``Limits/pageEntries``.
  public let limit: Int

  public init(target: Target, anchor: HistoryAnchor, limit: Int) {
    self.target = target
    self.anchor = anchor
    self.limit = limit
  }

  private enum CodingKeys: String, CodingKey {
    case limit
  }

  public init(from decoder: any Decoder) throws {
    target = try Target(from: decoder)
    anchor = try HistoryAnchor(from: decoder)
    limit = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .limit)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try target.encode(to: encoder)
    try anchor.encode(to: encoder)
    try container.encode(limit, forKey: .limit)
  }

  /// A stretch of a conversation.
  public struct Reply: Codable, Hashable, Sendable {
    /// The conversation; `nil` when nothing was ever written to the user asked about.
    public let conversation: ConversationID?
    /// Messages in ascending sequence without gaps. Fewer than asked when their texts together
    /// would outgrow a frame.
    public let messages: [Message]
    /// Whether more lie beyond this stretch: older ones for `latest`, `before` and `around`,
    /// newer ones for `after`.
    public let more: Bool
    /// How far each member has read.
    public let reads: [ReadMark]

    public init(
      conversation: ConversationID?, messages: [Message], more: Bool, reads: [ReadMark]
    ) {
      self.conversation = conversation
      self.messages = messages
      self.more = more
      self.reads = reads
    }
  }
}

/// Which stretch of a conversation is meant; on the wire one of the fields `before`, `after` and
/// `around`, or none of them for the newest messages.
public enum HistoryAnchor: Codable, Hashable, Sendable {
  /// The newest messages.
  case latest
  /// The newest of those before a place.
  case before(MessageSequence)
  /// The oldest of those after a place.
  case after(MessageSequence)
  /// Those on both sides of a place, it included.
  case around(MessageSequence)

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case before, after, around
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let given = try CodingKeys.allCases.compactMap { key in
      try container.decodeIfPresent(MessageSequence.self, forKey: key).map { (key, $0) }
    }
    guard given.count <= 1 else {
      throw RPCError(
        .invalidParameters,
        "Invalid parameters: give at most one of 'before', 'after' and 'around'.")
    }
    switch given.first {
    case nil: self = .latest
    case (.before, let sequence)?: self = .before(sequence)
    case (.after, let sequence)?: self = .after(sequence)
    case (.around, let sequence)?: self = .around(sequence)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .latest: break
    case .before(let sequence): try container.encode(sequence, forKey: .before)
    case .after(let sequence): try container.encode(sequence, forKey: .after)
    case .around(let sequence): try container.encode(sequence, forKey: .around)
    }
  }
}
