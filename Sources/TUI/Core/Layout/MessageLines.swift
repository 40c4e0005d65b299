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
  /// The message that keys act on, in message mode.
  let selected: ScrollAnchor?
  let downloads: DownloadsState
  let playing: Playing?
  let localTime: @Sendable (Timestamp) -> LocalTime
  /// Whether what is missing can be asked for.
  let isOnline: Bool
  /// The width of the pane.
  let columns: Int

  /// Messages of one sender that follow within this time share a header.
  private static let groupMilliseconds: Int64 = 5 * 60 * 1000

  init(_ conversation: ConversationState, in state: AppState, columns: Int) {
    self.conversation = conversation
    self.columns = columns
    isOnline = state.isOnline
    user = state.user
    contacts = state.chat.contacts
    let isOpen = conversation.target == state.chat.open
    search = isOpen ? state.chat.search : nil
    selected = isOpen ? state.chat.messageMode?.selected : nil
    downloads = state.chat.downloads
    playing = state.chat.playing
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
    if !isOnline { return [centered(strings.loadWaits, .muted)] }
    if conversation.requestFailed { return [centered(strings.loadFailed, .attention)] }
    return [centered(strings.loading, .muted)]
  }

  /// The row for messages that exist after the last one held.
  func end() -> [StyledLine] {
    [rule(strings.missing(conversation.timeline.gapAtEnd, isOnline), Style(.muted))]
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
    if gap > 0 { lines.append(rule(strings.missing(gap, isOnline), Style(.muted))) }
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
      return lines + own(body(of: message, in: ownWidth), time: isGrouped ? nil : time, receipt)
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
    let body = body(of: pending, in: ownWidth)
    guard let reason = failure(of: pending) else {
      return own(body, time: time, run(symbols.sending, Style(.muted)))
    }
    let explanation = "\(strings.failed): \(reason) (\(strings.retryHint))"
    return own(body, time: time, run(symbols.failed, Style(.negative)))
      + rows(explanation, Style(.negative), width: columns - 2).map { row in
        StyledLine(runs: row.runs, alignment: .left(indent: max(1, columns - 1 - row.width)))
      }
  }

  private func failure(of pending: PendingMessage) -> String? {
    switch pending.delivery {
    case .failed(let error): strings.explain(RequestFailure.refused(error))
    case .stopped(let failure): strings.explain(failure)
    case .queued, .sent, .deferred, .uploading: nil
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
    return lines
      + body(of: message, in: columns - 4).map { row in
        StyledLine(runs: row.runs, alignment: .left(indent: 3))
      }
  }

  /// The width of a block of one's own, without the receipt behind it: the same for all receipts, so
  /// that a text does not break elsewhere once it is read.
  private var ownWidth: Int { max(8, columns * 3 / 4) - 3 }

  /// A block at the right edge, its rows flush left within it, the receipt behind the last one.
  private func own(
    _ body: [BodyRow], time: LocalTime?, _ receipt: StyledLine.Run
  ) -> [StyledLine] {
    let receiptWidth = 1 + receipt.clusters.width
    var rows = body.map(\.runs)
    rows[rows.count - 1] += [run(" ", .plain), receipt]
    if let time {
      let name = user?.name ?? ""
      rows.insert(
        [run(name, Style(.own, .bold)), run(" \(time.clock)", Style(.muted))], at: 0)
    }
    let lines = rows.map { StyledLine(runs: $0, alignment: .left(indent: 0)) }
    // Spaces that hang over the end of a wrapped row do not widen the block.
    let inked = body.map(\.width).max() ?? 0
    let last = (body.last?.width ?? 0) + receiptWidth
    let header = time == nil ? 0 : lines[0].width
    let indent = max(1, columns - 1 - max(inked, last, header))
    return lines.map { StyledLine(runs: $0.runs, alignment: .left(indent: indent)) }
  }

  /// Where the message holds what is searched for.
  func highlight(_ message: Message) -> Highlight {
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

  func run(_ text: String, _ style: Style) -> StyledLine.Run {
    StyledLine.Run(clusters: metrics.clusters(text), style: style)
  }

  private func rule(_ text: String, _ style: Style) -> StyledLine {
    StyledLine(runs: [run(text, style)], alignment: .rule)
  }

  private func centered(_ text: String, _ colour: Style.Colour) -> StyledLine {
    StyledLine(runs: [run(text, Style(colour))], alignment: .center)
  }
}
