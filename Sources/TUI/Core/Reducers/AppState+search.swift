import MartletProtocol

// Searching the open conversation.
extension AppState {
  mutating func performOnSearch(_ command: Command) -> [Effect] {
    if case .everywhere(let everywhere) = overlay { return perform(command, on: everywhere) }
    switch command {
    case .search: return beginSearch()
    case .runSearch: return runSearch()
    case .editQuery: chat.search?.stage = .query
    case .closeSearch: endSearch()
    case .olderHit: stepHit(by: 1)
    case .newerHit: stepHit(by: -1)
    case .pageOfOlderHits: pageHits(by: 1)
    case .pageOfNewerHits: pageHits(by: -1)
    case .openHit: toggleContext()
    default: break
    }
    return []
  }

  /// `/search`: with words it runs at once.
  mutating func search(_ arguments: String) -> [Effect] {
    if let words = wordsForEverywhere(arguments) {
      overlay = .everywhere(EverywhereState(query: words))
      return []
    }
    let effects = beginSearch()
    guard !arguments.isEmpty else { return effects }
    chat.search?.query.replace(with: arguments)
    return effects + runSearch()
  }

  func problemOfSearch(_ arguments: String) -> String? {
    guard let words = wordsForEverywhere(arguments) else {
      return chat.open == nil ? strings.chooseContact : nil
    }
    if words.isEmpty { return strings.searchNeedsWords }
    return words.utf8.count > limits.queryBytes ? strings.queryTooLong : nil
  }

  /// What stands behind `--all`; `nil` without it.
  private func wordsForEverywhere(_ arguments: String) -> String? {
    let option = arguments.prefix { !$0.isWhitespace }
    guard option == "--all" else { return nil }
    return String(arguments.dropFirst(option.count).drop(while: \.isWhitespace))
  }

  mutating func beginSearch() -> [Effect] {
    guard let open = chat.open else { return show(strings.chooseContact, isProblem: true) }
    guard chat.search == nil else { return [] }
    let conversation = chat[open]
    chat.search = SearchState(
      origin: .init(
        scroll: conversation.scroll, viewClearedThrough: conversation.clearedThrough,
        focus: chat.focus))
    chat.completion = nil
    chat.focus = .input
    return []
  }

  /// Leads back to exactly where one was.
  mutating func endSearch() {
    guard let search = chat.search else { return }
    chat.search = nil
    chat.focus = search.origin.focus
    guard let open = chat.open else { return }
    chat[open].scroll = search.origin.scroll
    let cleared = chat[open].timeline.cleared
    chat[open].clearedThrough = search.origin.viewClearedThrough.flatMap { $0 > cleared ? $0 : nil }
  }

  mutating func changeQuery(_ change: (inout TextEditor) -> Void) -> [Effect] {
    guard var search = chat.search else { return [] }
    change(&search.query)
    search.problem = nil
    chat.search = search
    return []
  }

  /// Enter on the search line. The hits are asked for by `catchUp`.
  mutating func runSearch() -> [Effect] {
    guard var search = chat.search else { return [] }
    let query = search.query.text
    defer { chat.search = search }
    guard !query.isEmpty else {
      search.problem = strings.searchHint
      return []
    }
    guard query.utf8.count <= limits.queryBytes else {
      search.problem = strings.queryTooLong
      return []
    }
    search.problem = nil
    search.stage = .list
    if let results = search.results, results.query == query, results.failure == nil { return [] }
    search.results = SearchResults(query: query)
    search.selected = 0
    search.jump = nil
    search.wanted = nil
    return []
  }

  /// The next page of hits, if somebody waits for it.
  mutating func requestHits() -> [Effect] {
    searchHeld()
    guard isOnline, let open = chat.open, let search = chat.search, let results = search.results,
      results.request == nil, results.failure == nil,
      results.wantsMore(at: search.selected) || (search.wanted != nil && !results.isComplete)
    else { return [] }
    let page = HitsPage(target: chat[open].address, query: results.query, after: results.next)
    chat.search?.results?.request = page
    return [.search(page, limit: max(1, min(Self.hitsPerPage, limits.pageEntries)))]
  }

  private static let hitsPerPage = 50

  mutating func hitsLoaded(_ page: HitsPage, _ reply: SearchMessages.Reply) -> [Effect] {
    guard let open = chat.open, var search = chat.search, search.results?.request == page
    else { return [] }
    let reply = SearchMessages.Reply(
      hits: reply.hits.filter { chat[open].id == nil || $0.message.conversation == chat[open].id },
      count: reply.count, exact: reply.exact, next: reply.next)
    search.results?.add(reply, notBefore: chat[open].timeline.cleared)
    search.results?.request = nil
    if let wanted = search.wanted, let results = search.results {
      let place = results.hits.firstIndex { $0.message.sequence <= wanted }
      if let place { search.selected = place }
      if place != nil || results.isComplete { search.wanted = nil }
    }
    chat.search = search
    return []
  }

  mutating func hitsFailed(_ page: HitsPage, _ failure: RequestFailure) -> [Effect] {
    guard chat.search?.results?.request == page else { return [] }
    chat.search?.results?.request = nil
    chat.search?.results?.failure = failure
    return failure.isPassing ? scheduleRetry(afterMilliseconds: Self.delay(after: failure)) : []
  }

  /// Takes hits that are gone off the search under way.
  mutating func dropHits(in target: Target, through sequence: MessageSequence) {
    if case .everywhere(var everywhere) = overlay,
      let id = chat.routes.first(where: { $0.value == target })?.key
    {
      everywhere.drop(in: id, through: sequence)
      overlay = .everywhere(everywhere)
    }
    guard target == chat.open, var search = chat.search else { return }
    search.results?.drop(through: sequence)
    search.results?.request = nil
    search.step(by: 0)
    if search.jump.map({ $0 <= sequence }) ?? false { search.jump = nil }
    if search.wanted.map({ $0 <= sequence }) ?? false { search.wanted = nil }
    if search.stage == .context, search.selectedHit == nil { search.stage = .list }
    chat.search = search
  }

  /// Requests are lost with the connection, and made again when it is back.
  mutating func forgetSearchRequests() {
    chat.search?.results?.request = nil
    chat.search?.results?.failure = nil
    guard case .everywhere(var everywhere) = overlay else { return }
    everywhere.isRequested = false
    everywhere.failure = nil
    overlay = .everywhere(everywhere)
  }
}
