import MartletProtocol

// Going through the hits, in their list and in their context.
extension AppState {
  mutating func stepHit(by count: Int) {
    guard var search = chat.search, search.results != nil else { return }
    if search.stage == .query { search.stage = .list } else { search.step(by: count) }
    search.results?.failure = nil
    if search.stage == .context { search.jump = search.selectedHit?.message.sequence }
    chat.search = search
  }

  mutating func pageHits(by pages: Int) {
    guard let search = chat.search else { return }
    switch search.stage {
    case .query: break
    case .list: stepHit(by: pages * HitListView.hitsPerPage(rows: messageRows))
    case .context: scroll(up: -pages * max(1, messageRows - 1))
    }
  }

  /// Enter: from the list into the context of the selected hit, and back.
  mutating func toggleContext() {
    guard var search = chat.search, let open = chat.open else { return }
    switch search.stage {
    case .query: return
    case .list:
      guard let hit = search.selectedHit else { return }
      search.stage = .context
      search.jump = hit.message.sequence
      chat[open].clearedThrough = nil
      chat[open].requestFailed = false
    case .context:
      search.stage = .list
      search.jump = nil
    }
    chat.search = search
  }

  /// Brings the hit that was jumped to onto the screen, once it is held.
  mutating func revealHit() {
    guard let jump = chat.search?.jump, let open = chat.open, let pane = messagePane else { return }
    let place = chat[open].timeline.index(of: jump)
    guard place.isHeld else { return }
    chat.search?.jump = nil
    chat[open].scroll = pane.position(showingAtTop: .message(place.index))
    // A third of the pane shows what led to it.
    if let pane = messagePane { chat[open].scroll = pane.scrolled(up: pane.rows / 3) }
  }

  /// A page around the hit has come; without it in the page, it is gone.
  mutating func noteContext(around sequence: MessageSequence) -> [Effect] {
    guard chat.search?.jump == sequence, let open = chat.open,
      !chat[open].timeline.index(of: sequence).isHeld
    else { return [] }
    chat.search?.jump = nil
    chat.search?.stage = .list
    return show(strings.hitGone, isProblem: true)
  }

  /// What is missing around the hit that is looked at, before it comes into sight.
  func missingAroundHit(
    in timeline: Timeline, shown: [MessagePane.VisibleLine]
  ) -> HistoryAnchor? {
    let indices = shown.compactMap { line -> Int? in
      if case .message(let index) = line.item { index } else { nil }
    }
    guard let first = indices.first, let last = indices.last else { return nil }
    let below = last + 1..<min(timeline.messages.count, last + 1 + Self.prefetchedAroundHit)
    if let gap = below.first(where: { timeline.gap(before: $0) > 0 }) {
      return .after(timeline.messages[gap - 1].sequence)
    }
    // Where the far side of a gap is in sight, it is filled from the near one.
    if let gap = indices.first(where: { $0 > first && timeline.gap(before: $0) > 0 }) {
      return .after(timeline.messages[gap - 1].sequence)
    }
    let above = max(0, first - Self.prefetchedAroundHit)...first
    if let gap = above.last(where: { timeline.gap(before: $0) > 0 }) {
      return .before(timeline.messages[gap].sequence)
    }
    return nil
  }

  private static let prefetchedAroundHit = 20
}
