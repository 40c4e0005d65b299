/// Asks for everyone registered but oneself, a page at a time.
public struct ListContacts: RequestMessage {
  public static let method = "contacts.list"

  /// The ``Reply/next`` of the page before; `nil` for the first page.
  public let after: String?
  /// `true` for those with whom there is a conversation only, the most recent first, one page; `after`
  /// does not count then.
  public let recent: Bool?
  /// How many entries at the most; held to 1...``Limits/pageEntries``.
  public let limit: Int

  public init(after: String? = nil, recent: Bool? = nil, limit: Int) {
    self.after = after
    self.recent = recent
    self.limit = limit
  }

  /// One page of contacts.
  public struct Reply: Codable, Hashable, Sendable {
    /// The contacts of this page.
    public let contacts: [Contact]
    /// Where the next page begins; `nil` after the last.
    public let next: String?

    public init(contacts: [Contact], next: String?) {
      self.contacts = contacts
      self.next = next
    }
  }
}
