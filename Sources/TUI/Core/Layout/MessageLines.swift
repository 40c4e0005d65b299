import MartletProtocol

/// Lays out single messages of one conversation. Nothing here looks at more than a message and the
/// one before it, so the cost of a frame does not depend on how many are loaded.
struct MessageLines {
  let conversation: ConversationState
  let user: User?
  let contacts: ContactsState
  let strings: Strings
  let metrics: TextMetrics
  let symbols: Symbols
  /// What has been found in this conversation, while it is searched.
  let search: SearchState?
  let localTime: @Sendable (Timestamp) -> LocalTime
  /// The width of the pane.
  let columns: Int

  /// Messages of one sender that follow within this time share a header.
  private static let groupMilliseconds: Int64 = 5 * 60 * 1000

  init(_ conversation: ConversationState, in state: AppState, columns: Int) {
    self.conversation = conversation
    self.columns = columns
    user = state.user
    contacts = state.chat.contacts
    search = conversation.target == state.chat.open ? state.chat.search : nil
    strings = state.strings
    metrics = state.metrics
    symbols = state.symbols
    localTime = state.configuration.localTime
  }

  /// The row above the oldest message held.
  func top() -> [StyledLine] {
    let timeline = conversation.timeline
    let isNew = conversation.id == nil
    if timeline.reachesStart || isNew {
      let isEmpty = timeline.messages.isEmpty && conversation.pending.isEmpty
      let isCleared = timeline.cleared > .none
      let words = isCleared ? strings.historyCleared : strings.emptyConversation
      return [centered(isEmpty ? words : strings.beginning, .muted)]
    }
    if conversation.requestFailed { return [centered(strings.loadFailed, .attention)] }
    return [centered(strings.loading, .muted)]
  }

  /// The row for messages that exist after the last one held.
  func end() -> [StyledLine] {
    [rule(strings.missing(conversation.timeline.gapAtEnd), Style(.muted))]
  }

  /// A stored message, with whatever separates it from the one before.
  func message(at index: Int) -> [StyledLine] {
    let messages = conversation.timeline.messages
    guard messages.indices.contains(index) else { return [] }
    let message = messages[index]
    let before = index > 0 ? messages[index - 1] : nil
    let time = localTime(message.sentAt)
    var lines: [StyledLine] = []
    let gap = conversation.timeline.gap(before: index)
    if gap > 0 { lines.append(rule(strings.missing(gap), Style(.muted))) }
    if before.map({ !localTime($0.sentAt).isSameDay(as: time) }) ?? true {
      lines.append(rule(day(time), Style(.muted)))
    }
    if let mark = conversation.newLineAfter, mark < message.sequence,
      before.map({ $0.sequence <= mark }) ?? true
    {
      lines.append(rule(strings.newMessages, Style(.attention)))
    }
    let isGrouped =
      lines.isEmpty && before?.sender == message.sender
      && before.map { isGroup($0.sentAt, message.sentAt) } ?? false
    if message.sender == user?.id {
      let isRead = message.sequence <= conversation.furthestRead(besides: user?.id)
      let receipt = StyledLine.Run(
        clusters: metrics.clusters(isRead ? symbols.read : symbols.stored),
        style: Style(isRead ? .positive : .muted))
      return lines
        + own(
          message.text, time: isGrouped ? nil : time, receipt: receipt,
          highlight: highlight(message))
    }
    return lines + theirs(message, time: isGrouped ? nil : time)
  }

  /// A message that is not known to be stored.
  func pending(at index: Int) -> [StyledLine] {
    guard conversation.pending.indices.contains(index) else { return [] }
    let pending = conversation.pending[index]
    let previous = index > 0 ? conversation.pending[index - 1].message.writtenAt : nil
    let isGrouped = previous.map { isGroup($0, pending.message.writtenAt) } ?? false
    let time = isGrouped ? nil : localTime(pending.message.writtenAt)
    guard case .failed(let error) = pending.delivery else {
      let receipt = StyledLine.Run(
        clusters: metrics.clusters(symbols.sending), style: Style(.muted))
      return own(pending.message.text, time: time, receipt: receipt)
    }
    let receipt = StyledLine.Run(
      clusters: metrics.clusters(symbols.failed), style: Style(.negative))
    let reason = "\(strings.failed): \(strings.explain(.refused(error))) (\(strings.retryHint))"
    let wrapped = WrappedText(metrics.clusters(reason), width: columns - 2)
    return own(pending.message.text, time: time, receipt: receipt)
      + wrapped.rows.map { row in
        let run = StyledLine.Run(
          clusters: Array(wrapped.clusters[row.range]), style: Style(.negative))
        return StyledLine(runs: [run], alignment: .left(indent: max(1, columns - 1 - row.width)))
      }
  }

  private func isGroup(_ earlier: Timestamp, _ later: Timestamp) -> Bool {
    later.milliseconds(since: earlier) < Self.groupMilliseconds
  }

  private func theirs(_ message: Message, time: LocalTime?) -> [StyledLine] {
    var lines: [StyledLine] = []
    if let time {
      let name = contacts[message.sender]?.user.name ?? "#\(message.sender)"
      lines.append(
        StyledLine(
          runs: [
            run("\(time.clock) ", Style(.muted)), run(name, Style(.accent, .bold)),
          ], alignment: .left(indent: 1)))
    }
    let wrapped = WrappedText(metrics.clusters(message.text), width: columns - 4)
    let highlight = highlight(message)
    return lines
      + wrapped.rows.map { row in
        StyledLine(
          runs: highlight.runs(of: wrapped.clusters, in: row.range), alignment: .left(indent: 3))
      }
  }

  /// A block at the right edge, its rows flush left within it, the receipt behind the last one.
  private func own(
    _ text: String, time: LocalTime?, receipt: StyledLine.Run, highlight: Highlight = .none
  ) -> [StyledLine] {
    let receiptWidth = 1 + receipt.clusters.width
    let wrapped = WrappedText(
      metrics.clusters(text), width: max(8, columns * 3 / 4) - receiptWidth - 1)
    var rows: [[StyledLine.Run]] = wrapped.rows.map { row in
      highlight.runs(of: wrapped.clusters, in: row.range)
    }
    rows[rows.count - 1] += [run(" ", .plain), receipt]
    if let time {
      let name = user?.name ?? ""
      rows.insert(
        [run(name, Style(.own, .bold)), run(" \(time.clock)", Style(.muted))], at: 0)
    }
    let lines = rows.map { StyledLine(runs: $0, alignment: .left(indent: 0)) }
    // Spaces that hang over the end of a wrapped row do not widen the block.
    let inked = wrapped.rows.map(\.width).max() ?? 0
    let last = (wrapped.rows.last?.width ?? 0) + receiptWidth
    let header = time == nil ? 0 : lines[0].width
    let indent = max(1, columns - 1 - max(inked, last, header))
    return lines.map { StyledLine(runs: $0.runs, alignment: .left(indent: indent)) }
  }

  /// Where the message holds what is searched for.
  private func highlight(_ message: Message) -> Highlight {
    guard let search, let ranges = search.results?.highlights[message.sequence] else {
      return .none
    }
    let selected = search.selectedHit?.message.sequence
    return Highlight(message.text, ranges: ranges, isSelected: message.sequence == selected)
  }

  private func day(_ time: LocalTime) -> String {
    let weekday = strings.weekday(time.weekday)
    return strings.date(time.year, twoDigits(time.month), twoDigits(time.day), weekday)
  }

  private func run(_ text: String, _ style: Style) -> StyledLine.Run {
    StyledLine.Run(clusters: metrics.clusters(text), style: style)
  }

  private func rule(_ text: String, _ style: Style) -> StyledLine {
    StyledLine(runs: [run(text, style)], alignment: .rule)
  }

  private func centered(_ text: String, _ colour: Style.Colour) -> StyledLine {
    StyledLine(runs: [run(text, Style(colour))], alignment: .center)
  }
}
