/// Searches all conversations of the user, those that went on most recently first.
public struct SearchEverywhere: RequestMessage {
  public static let method = "search"

  /// What to look for, as in ``SearchMessages``.
  public let query: String
  /// The ``Reply/next`` of the page before; `nil` for the first.
  public let after: String?
  /// How many hits of each conversation at the most; held to 1...``Limits/pageEntries``.
  public let limit: Int

  public init(query: String, after: String? = nil, limit: Int) {
    self.query = query
    self.after = after
    self.limit = limit
  }

  /// Hits by conversation.
  public struct Reply: Codable, Hashable, Sendable {
    /// The conversations with hits. There may be none on a page although more follow.
    public let groups: [Group]
    /// Where the next page begins; `nil` after the last.
    public let next: String?

    public init(groups: [Group], next: String?) {
      self.groups = groups
      self.next = next
    }
  }

  /// The newest hits of one conversation.
  public struct Group: Codable, Hashable, Sendable {
    /// The conversation; ``SearchMessages`` finds the rest of its hits.
    public let conversation: ConversationID
    /// Everyone in it, in ascending order.
    public let members: [UserID]
    /// How many messages match, as far as the server has counted.
    public let count: Int
    /// Whether ``count`` is all of them.
    public let exact: Bool
    /// The messages found, the newest first, at least one.
    public let hits: [SearchHit]

    public init(
      conversation: ConversationID, members: [UserID], count: Int, exact: Bool,
      hits: [SearchHit]
    ) {
      self.conversation = conversation
      self.members = members
      self.count = count
      self.exact = exact
      self.hits = hits
    }
  }
}
