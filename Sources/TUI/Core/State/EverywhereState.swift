import MartletProtocol

/// A search in all conversations, grouped by contact.
struct EverywhereState: Sendable {
  let query: String
  private(set) var groups: [SearchEverywhere.Group] = []
  /// The row that the selection is on.
  var selected = 0
  var isRequested = false
  var failure: RequestFailure?
  /// Where the next page begins.
  private(set) var next: String?
  private var isBegun = false
  /// How many pages in a row have brought nothing.
  private var fruitlessPages = 0
  /// What the hits take, about.
  private var bytes = 0

  /// A row of the list.
  enum Row: Hashable, Sendable {
    case group(Int)
    case hit(group: Int, Int)
  }

  /// Groups are fetched when fewer rows than this lie ahead.
  private static let prefetched = 40
  /// Hits of each conversation.
  static let hitsPerGroup = 3

  init(query: String) { self.query = query }

  var rows: [Row] {
    groups.indices.flatMap { group in
      [Row.group(group)] + groups[group].hits.indices.map { Row.hit(group: group, $0) }
    }
  }

  /// Messages found in all groups so far, and whether that is all.
  var total: (count: Int, isExact: Bool) {
    let counts = groups.map { min(max($0.hits.count, $0.count), 1_000_000_000) }
    return (counts.reduce(0, +), isComplete && groups.allSatisfy(\.exact))
  }

  var isComplete: Bool { isBegun && next == nil }

  var wantsMore: Bool {
    !isBegun || (next != nil && selected + Self.prefetched >= rows.count)
  }

  mutating func add(_ reply: SearchEverywhere.Reply, after: String?) {
    var known = Set(groups.map(\.conversation))
    let before = groups.count
    // Rooms of more than two have no place on this screen yet.
    groups += reply.groups.filter {
      $0.members.count == 2 && !$0.hits.isEmpty && known.insert($0.conversation).inserted
    }
    bytes += groups[before...].flatMap(\.hits).reduce(0) { $0 + $1.message.weight }
    fruitlessPages = groups.count > before ? 0 : fruitlessPages + 1
    let isEndless =
      reply.next == after || fruitlessPages >= SearchResults.maximumFruitlessPages
      || bytes >= SearchResults.maximumBytes
    next = isEndless ? nil : reply.next
    isBegun = true
  }

  /// Drops the hits of a conversation up to a message, which are gone.
  mutating func drop(in conversation: ConversationID, through sequence: MessageSequence) {
    groups = groups.compactMap { group in
      guard group.conversation == conversation else { return group }
      let hits = group.hits.filter { $0.message.sequence > sequence }
      return hits.isEmpty
        ? nil
        : .init(
          conversation: conversation, members: group.members, count: hits.count,
          exact: false, hits: hits)
    }
    selected = min(selected, max(0, rows.count - 1))
  }
}
