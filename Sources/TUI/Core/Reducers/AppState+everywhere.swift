import MartletProtocol

// Searching all conversations.
extension AppState {
  mutating func perform(_ command: Command, on everywhere: EverywhereState) -> [Effect] {
    var everywhere = everywhere
    let rows = everywhere.rows
    switch command {
    case .closeSearch, .editQuery: return closeOverlay()
    case .openHit:
      guard rows.indices.contains(everywhere.selected) else { return [] }
      return open(rows[everywhere.selected], of: everywhere)
    case .olderHit: everywhere.selected += 1
    case .newerHit: everywhere.selected -= 1
    case .pageOfOlderHits: everywhere.selected += max(1, size.rows - 6)
    case .pageOfNewerHits: everywhere.selected -= max(1, size.rows - 6)
    default: break
    }
    everywhere.selected = min(max(0, everywhere.selected), max(0, rows.count - 1))
    everywhere.failure = nil
    overlay = .everywhere(everywhere)
    return []
  }

  /// Opens the conversation with the search active there, at the hit if one was chosen.
  private mutating func open(_ row: EverywhereState.Row, of search: EverywhereState) -> [Effect] {
    let (group, hit) =
      switch row {
      case .group(let group): (search.groups[group], SearchHit?.none)
      case .hit(let group, let hit): (search.groups[group], search.groups[group].hits[hit])
      }
    guard let target = chat.routes[group.conversation] else { return [] }
    overlay = nil
    endSearch()
    var effects = open(target)
    effects += beginSearch()
    chat.search?.query.replace(with: search.query)
    effects += runSearch()
    guard let hit else { return effects }
    chat.search?.results?.highlight(hit)
    chat.search?.wanted = hit.message.sequence
    chat.search?.jump = hit.message.sequence
    chat.search?.stage = .context
    chat[target].clearedThrough = nil
    return effects
  }

  /// The next page of groups, if somebody waits for it.
  mutating func requestGroups() -> [Effect] {
    guard isOnline, case .everywhere(var everywhere) = overlay, !everywhere.isRequested,
      everywhere.failure == nil, everywhere.wantsMore
    else { return [] }
    everywhere.isRequested = true
    overlay = .everywhere(everywhere)
    return [
      .searchEverywhere(
        query: everywhere.query, after: everywhere.next, limit: EverywhereState.hitsPerGroup)
    ]
  }

  mutating func groupsLoaded(_ query: String, after: String?, _ reply: SearchEverywhere.Reply) {
    guard case .everywhere(var everywhere) = overlay, everywhere.query == query,
      everywhere.isRequested, everywhere.next == after
    else { return }
    everywhere.isRequested = false
    everywhere.add(reply, after: after)
    overlay = .everywhere(everywhere)
    for group in everywhere.groups where chat.routes[group.conversation] == nil {
      conversationCreated(group.conversation, members: group.members)
    }
  }

  mutating func groupsFailed(_ query: String, after: String?, _ failure: RequestFailure) {
    guard case .everywhere(var everywhere) = overlay, everywhere.query == query,
      everywhere.next == after
    else { return }
    everywhere.isRequested = false
    everywhere.failure = failure
    overlay = .everywhere(everywhere)
  }
}
