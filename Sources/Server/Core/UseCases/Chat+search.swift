import CoreMetrics
public import MartletProtocol

extension Chat {
  /// How many messages one request looks at, give or take a block: about 2 ms of folding.
  static let searchBudget = 512

  /// How many conversations one request over all of them looks at.
  static let searchedConversations = 20

  /// Answers `conversation.search`.
  public func search(
    _ request: SearchMessages, as signedIn: SignedIn
  ) async throws(RPCError) -> SearchMessages.Reply {
    let begun = ContinuousClock.now
    defer { Measures.search.record(since: begun) }
    try SearchQuery.check(request.query, limits: limits)
    let before = try request.after.map { text throws(RPCError) in
      guard let place = Int64(text), place > 0 else { throw Self.foreignCursor }
      return MessageSequence(place)
    }
    let conversation = try await existing(request.target, for: signedIn.user.id)
    let query = try await folded(request.query)
    guard let conversation else {
      return SearchMessages.Reply(hits: [], count: 0, exact: true, next: nil)
    }
    let page = try await page(
      of: query, in: conversation, before: before, limit: clamped(request.limit),
      maximumBytes: limits.serverFrameBytes / 4, budget: Self.searchBudget)
    return SearchMessages.Reply(
      hits: page.hits, count: page.count, exact: page.rest == nil, next: page.next?.description)
  }

  /// Answers `search`.
  ///
  /// A conversation that goes on while somebody pages moves to the front, and is not shown again.
  public func search(
    _ request: SearchEverywhere, as signedIn: SignedIn
  ) async throws(RPCError) -> SearchEverywhere.Reply {
    let begun = ContinuousClock.now
    defer { Measures.search.record(since: begun) }
    try SearchQuery.check(request.query, limits: limits)
    let cursor = try request.after.map { text throws(RPCError) in
      guard let cursor = EverywhereCursor(text) else { throw Self.foreignCursor }
      return cursor
    }
    let query = try await folded(request.query)
    let found = try await asking { () async throws(StoreError) in
      try await outside.search.searchable(
        by: signedIn.user.id, from: cursor?.position, limit: Self.searchedConversations + 1)
    }
    var groups: [SearchEverywhere.Group] = []
    var (budget, bytes) = (Self.searchBudget, limits.serverFrameBytes / 4)
    for (index, searched) in found.enumerated() {
      let isFirst = index == 0
      guard isFirst || (budget > 0 && bytes > 0 && index < Self.searchedConversations) else {
        let cursor = EverywhereCursor(position: searched.position, before: nil)
        return SearchEverywhere.Reply(groups: groups, next: cursor.description)
      }
      // A cursor's place is of the conversation that it names, which may not be there any more.
      let before = searched.position == cursor?.position ? cursor?.before : nil
      let page = try await page(
        of: query, in: searched.position.conversation, before: before,
        limit: clamped(request.limit), maximumBytes: bytes, budget: budget)
      budget -= page.looked
      bytes -= page.hits.reduce(0) { $0 + max($1.message.text.utf8.count, $1.rangeBytes) }
      if !page.hits.isEmpty {
        groups.append(
          SearchEverywhere.Group(
            conversation: searched.position.conversation, members: searched.members,
            count: page.count, exact: page.rest == nil, hits: page.hits))
      } else if let rest = page.rest {
        // Whether it has any is not known yet.
        let cursor = EverywhereCursor(position: searched.position, before: rest)
        return SearchEverywhere.Reply(groups: groups, next: cursor.description)
      }
    }
    return SearchEverywhere.Reply(groups: groups, next: nil)
  }

  private static let foreignCursor = RPCError(
    .invalidParameters, "'after' is the 'next' of an earlier page.")

  private func folded(_ text: String) async throws(RPCError) -> SearchQuery {
    let folded = try await asking { () async throws(StoreError) in
      try await outside.search.folded([text])
    }
    guard let query = folded.first.flatMap(SearchQuery.init(folded:)) else {
      throw SearchQuery.nothingToSearchFor
    }
    return query
  }

  private struct Page {
    var hits: [SearchHit] = []
    /// How many messages were found, those beyond the hits included.
    var count = 0
    /// How many messages were looked at.
    var looked = 0
    /// Up to where nothing was looked at; `nil` when all was.
    var rest: MessageSequence?
    /// Where the next page begins.
    var next: MessageSequence?
  }

  private func page(
    of query: SearchQuery, in conversation: ConversationID, before: MessageSequence?,
    limit: Int, maximumBytes: Int, budget: Int
  ) async throws(RPCError) -> Page {
    let store = outside.search
    return try await asking { () async throws(StoreError) in
      guard let scope = try await store.scope(of: conversation) else { return Page() }
      let plan = SearchPlan(scope, before: before, budget: budget)
      let candidates =
        plan.blocks == 0
        ? []
        : try await store.blocks(
          of: conversation, with: Gram.wanted(for: query),
          before: plan.blocksBefore, limit: plan.blocks)
      let stretches = plan.stretches(candidates)
      var page = Page(rest: plan.rest(after: candidates))
      page.looked = stretches.reduce(0) { $0 + $1.count }
      page.next = page.rest
      guard !stretches.isEmpty else { return page }
      let places = try await store.matches(of: query, in: conversation, within: stretches)
      page.count = places.count
      guard !places.isEmpty else { return page }
      let found = try await store.messages(of: conversation, at: Array(places.prefix(limit)))
      let fitting = found[...].prefixWithin(maximumBytes) { $0.message.text.utf8.count }
      page.hits = Array(
        try await hits(fitting, for: query)[...].prefixWithin(maximumBytes) { $0.rangeBytes })
      if let last = page.hits.last?.message.sequence, let oldest = places.last, oldest < last {
        page.next = last
      }
      return page
    }
  }

  /// Adds where the query stands in each message.
  private func hits(
    _ found: ArraySlice<FoldedMessage>, for query: SearchQuery
  ) async throws(StoreError) -> [SearchHit] {
    let maps = found.map { MatchMap(text: $0.message.text, folded: $0.folded) }
    let literal = maps.map { $0.literalRanges(of: query) }
    var clusters: Set<Character> = []
    for (message, ranges) in zip(found, literal) where ranges == nil {
      clusters.formUnion(message.message.text)
    }
    let list = Array(clusters)
    let folds =
      list.isEmpty
      ? [:]
      : Dictionary(
        zip(list, try await outside.search.folded(list.map { String($0) })),
        uniquingKeysWith: { first, _ in first })
    return zip(found, zip(maps, literal)).map { message, match in
      SearchHit(
        message: message.message,
        ranges: match.1 ?? match.0.ranges(of: query) { folds[$0] })
    }
  }
}

extension SearchHit {
  /// What the ranges take on the wire, about: a letter that is all of a long text has many.
  fileprivate var rangeBytes: Int { ranges.count * 12 }
}

extension ArraySlice {
  /// As many as fit, at least one.
  fileprivate func prefixWithin(_ bytes: Int, _ size: (Element) -> Int) -> ArraySlice {
    var (left, kept) = (bytes, startIndex)
    for element in self {
      left -= size(element)
      guard left >= 0 || kept == startIndex else { break }
      kept += 1
    }
    return self[..<kept]
  }
}

/// Where a search over all conversations goes on.
struct EverywhereCursor: Hashable, CustomStringConvertible {
  /// The conversation.
  let position: ActivityPosition
  /// A place in it before which nothing has been looked at; `nil` when nothing has been at all.
  let before: MessageSequence?

  init(position: ActivityPosition, before: MessageSequence?) {
    self.position = position
    self.before = before
  }

  /// Reads ``description``; `nil` for anything else.
  init?(_ text: String) {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
    guard numbers.count == 3, let time = numbers[0], let id = numbers[1], let place = numbers[2],
      // A year far off, and still microseconds of 64 bits.
      (0...100_000_000_000_000).contains(time), place >= 0
    else { return nil }
    position = ActivityPosition(
      lastSentAt: Timestamp(milliseconds: time), conversation: ConversationID(id))
    before = place == 0 ? nil : MessageSequence(place)
  }

  var description: String {
    "\(position.lastSentAt.milliseconds).\(position.conversation).\(before ?? .none)"
  }
}
