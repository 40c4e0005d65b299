import MartletProtocol

extension AppState {
  /// What follows from the state as it now is, whatever led to it: messages to send, history to ask
  /// for, messages that have been read, the window's title.
  mutating func catchUp() -> [Effect] {
    var effects = startUploads() + sendQueued()
    revealHit()
    revealSelected()
    effects += requestHits() + requestGroups() + watchPresence() + forgetClearedFiles()
    if screen == .chat, isOnline, let open = chat.open {
      effects += requestHistory(of: open)
      effects += markRead(open)
    }
    effects += storeChanges()
    let title = windowTitle
    if title != lastTitle {
      lastTitle = title
      effects.append(.setTitle(title))
    }
    return effects
  }

  /// Asks for what the visible part of the open conversation lacks, one stretch at a time.
  private mutating func requestHistory(of target: Target) -> [Effect] {
    guard let conversation = chat.conversations[target], conversation.id != nil,
      conversation.request == nil, !conversation.requestFailed, conversation.cache != .beingRead,
      let pane = messagePane, let anchor = missing(in: conversation, shownBy: pane)
    else { return [] }
    chat[target].request = anchor
    return [.loadHistory(conversation.address, anchor, limit: pageLimit)]
  }

  private func missing(
    in conversation: ConversationState, shownBy pane: MessagePane
  ) -> HistoryAnchor? {
    let timeline = conversation.timeline
    if let jump = chat.search?.jump, !timeline.index(of: jump).isHeld { return .around(jump) }
    guard let first = timeline.first else { return timeline.reachesStart ? nil : .latest }
    if timeline.isBehind, conversation.scroll == .bottom {
      // A short stretch is filled in order; after a long absence the newest page comes first, and the
      // rest when it is scrolled to.
      return timeline.gapAtEnd <= Int64(pageLimit) ? .after(timeline.last) : .latest
    }
    if chat.search?.stage == .context,
      let anchor = missingAroundHit(in: timeline, shown: pane.visibleLines())
    {
      return anchor
    }
    // Not only what is visible, for which it would all have to be laid out.
    let items = pane.nearbyItems
    for item in items {
      if case .message(let index) = item, timeline.gap(before: index) > 0 {
        return .before(timeline.messages[index].sequence)
      }
      if case .end = item { return .after(timeline.last) }
    }
    guard !timeline.reachesStart, conversation.clearedThrough == nil else { return nil }
    switch items.first {
    case .top: return .before(first)
    case .message(let index) where index < Self.prefetchedMessages: return .before(first)
    case .message, .end, .pending, nil: return nil
    }
  }

  /// Older messages are asked for when fewer than this are left above the pane.
  private static let prefetchedMessages = 20

  private var pageLimit: Int { max(1, min(100, limits.pageEntries)) }

  private mutating func markRead(_ target: Target) -> [Effect] {
    guard isReading, let conversation = chat.conversations[target], let id = conversation.id,
      !conversation.timeline.isBehind
    else { return [] }
    let last = conversation.timeline.last
    // What is missing has not been read, and a mark beyond it would never come back for it.
    guard last > conversation.readSequence,
      !conversation.timeline.hasGap(after: conversation.readSequence)
    else { return [] }
    // A mark for one's own messages alone would tell nobody anything.
    let wasUnread =
      conversation.unread(after: conversation.readSequence, by: user?.id) > 0
      || chat.openContact.flatMap { chat.contacts[$0] }.map { $0.unread > 0 } ?? false
    chat[target].readSequence = last
    if let user { chat.unstored.note(ReadMark(user: user.id, sequence: last), in: id) }
    noteRead(in: target, upTo: last)
    return wasUnread ? [.markRead(id, last)] : []
  }

  private var windowTitle: String {
    let unread = chat.contacts.unreadTotal
    let name = user.map { " \($0.name)" } ?? ""
    let glyphs = metrics.clusters((unread > 0 ? "(\(unread)) " : "") + "martlet\(name)")
      .flatMap(\.glyphs)
    return String(String.UnicodeScalarView(glyphs.flatMap(\.scalars)))
  }
}
