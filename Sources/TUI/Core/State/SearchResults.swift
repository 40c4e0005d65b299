import MartletProtocol

/// What a search in one conversation has found so far.
struct SearchResults: Sendable {
  /// What was looked for.
  let query: String
  /// The newest first.
  private(set) var hits: [SearchHit] = []
  /// Where the query stands in each message that was found.
  private(set) var highlights: [MessageSequence: [TextRange]] = [:]
  /// How many messages match, as far as is known.
  private(set) var total = 0
  /// Whether `total` is all of them.
  private(set) var isExact = false
  /// The page under way, if any.
  var request: HitsPage?
  /// Why the last page did not come; it is asked for again when this is taken away.
  var failure: RequestFailure?
  /// Where the next page begins; `nil` before the first page and after the last.
  private(set) var next: String?
  private var isBegun = false
  /// How many pages in a row have brought nothing.
  private var fruitlessPages = 0
  /// What the hits take, about.
  private var bytes = 0
  /// Whether only what is held was looked through, for want of a connection.
  private(set) var isOfHeld = false

  /// In the background, pages are fetched until the count is exact or so many hits are held.
  private static let maximumCounted = 1000
  /// Pages are fetched when fewer hits than this lie ahead.
  private static let prefetched = 20
  /// A count is the server's, and may be anything.
  private static let maximumTotal = 1_000_000_000
  /// A server looks through much in a page and may find nothing in many of them; one that never comes to
  /// an end, or sends more than anybody can look through, is not asked any further.
  static let maximumFruitlessPages = 1000
  static let maximumBytes = 32 << 20

  init(query: String) { self.query = query }

  /// Whether all that there is has been fetched.
  var isComplete: Bool { isBegun && next == nil }

  /// Whether it is known that nothing matches.
  var isEmpty: Bool { isComplete && hits.isEmpty }

  /// Whether another page is wanted by somebody who looks at a hit.
  func wantsMore(at selected: Int) -> Bool {
    guard isBegun else { return true }
    guard next != nil else { return false }
    return selected + Self.prefetched >= hits.count
      || (!isExact && hits.count < Self.maximumCounted)
  }

  /// Adds a page, which lies behind those before it.
  mutating func add(_ reply: SearchMessages.Reply, notBefore cleared: MessageSequence) {
    let before = hits.count
    for hit in reply.hits where hit.message.sequence > cleared {
      guard hits.last.map({ hit.message.sequence < $0.message.sequence }) ?? true else { continue }
      hits.append(hit)
      bytes += hit.message.weight
      highlights[hit.message.sequence] = hit.ranges
    }
    fruitlessPages = hits.count > before ? 0 : fruitlessPages + 1
    // A page that begins where this one did would be asked for without end.
    let isEndless =
      reply.next == request?.after || fruitlessPages >= Self.maximumFruitlessPages
      || bytes >= Self.maximumBytes
    next = isEndless ? nil : reply.next
    isBegun = true
    isExact = reply.exact || next == nil
    total = max(hits.count, before + min(max(0, reply.count), Self.maximumTotal))
    if next == nil { total = hits.count }
  }

  /// Puts what was found among the messages held in the place of pages of the server.
  mutating func fill(fromHeld found: [SearchHit]) {
    hits = found
    highlights = Dictionary(
      found.map { ($0.message.sequence, $0.ranges) }, uniquingKeysWith: { $1 })
    (total, next) = (found.count, nil)
    (isBegun, isExact, isOfHeld) = (true, false, true)
  }

  /// Shows where the query stands in a message before its page has come.
  mutating func highlight(_ hit: SearchHit) { highlights[hit.message.sequence] = hit.ranges }

  /// Drops the hits up to a message, which are gone.
  mutating func drop(through sequence: MessageSequence) {
    let oldest = hits.last?.message.sequence
    hits.removeAll { $0.message.sequence <= sequence }
    highlights = highlights.filter { $0.key > sequence }
    total = hits.count
    // Those to come are older than those held.
    let isAllHeld = oldest.map { sequence >= $0 } ?? false
    if isAllHeld { next = nil }
    isExact = isComplete
  }
}

/// A search in the open conversation.
struct SearchState: Sendable {
  /// What is being typed.
  var query = TextEditor(allowsNewlines: false)
  var stage = Stage.query
  /// What has been found; `nil` until something has been looked for.
  var results: SearchResults?
  var selected = 0
  /// The hit to bring to the screen as soon as it is held.
  var jump: MessageSequence?
  /// The hit to be selected when its page comes.
  var wanted: MessageSequence?
  /// Why what was typed cannot be looked for.
  var problem: String?
  /// Where one was.
  let origin: Origin

  enum Stage: Hashable, Sendable {
    /// The search line has the keys.
    case query
    /// The hits are listed in the place of the conversation.
    case list
    /// The conversation is shown around the selected hit.
    case context
  }

  struct Origin: Sendable {
    let scroll: ScrollPosition
    let viewClearedThrough: MessageSequence?
    let focus: ChatFocus
  }

  /// Whether the list of hits is in the place of the conversation.
  var showsList: Bool { results != nil && stage != .context }

  var selectedHit: SearchHit? {
    guard let results, results.hits.indices.contains(selected) else { return nil }
    return results.hits[selected]
  }

  /// Moves the selection by some hits, as far as there are any.
  mutating func step(by count: Int) {
    let last = max(0, (results?.hits.count ?? 0) - 1)
    selected = min(max(0, selected + count), last)
  }
}
