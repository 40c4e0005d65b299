import MartletProtocol

/// The hits of a search in the place of the conversation, two rows each: when and who, and the text
/// around the place.
struct HitListView {
  let state: AppState
  let search: SearchState
  let results: SearchResults

  private static let rowsPerHit = 2

  static func hitsPerPage(rows: Int) -> Int { max(1, rows / rowsPerHit) }

  func draw(on canvas: inout Canvas, in area: Rectangle) {
    let page = Self.hitsPerPage(rows: area.rows)
    let first = search.selected / page * page
    let shown = results.hits.dropFirst(first).prefix(page)
    for (offset, hit) in shown.enumerated() {
      let row = area.row + offset * Self.rowsPerHit
      draw(hit, on: &canvas, row: row, in: area, isSelected: first + offset == search.selected)
    }
    let next = area.row + shown.count * Self.rowsPerHit
    guard shown.count < page, !results.isComplete else { return }
    let (text, style) = progress
    let wrapped = WrappedText(state.metrics.clusters(text), width: area.columns - 4)
    for (offset, line) in wrapped.rows.prefix(area.endRow - next).enumerated() {
      canvas.write(
        wrapped.clusters[line.range], at: Position(row: next + offset, column: area.column + 3),
        limit: area.endColumn, style: style)
    }
  }

  /// What stands behind the hits while more are to come.
  private var progress: (String, Style) {
    if let failure = results.failure { return (state.strings.explain(failure), Style(.negative)) }
    return (
      state.isOnline ? state.strings.searching : state.strings.searchWaits, Style(.muted)
    )
  }

  private func draw(
    _ hit: SearchHit, on canvas: inout Canvas, row: Int, in area: Rectangle, isSelected: Bool
  ) {
    let message = hit.message
    let isOwn = message.sender == state.user?.id
    let name =
      isOwn
      ? state.user?.name ?? ""
      : state.chat.contacts[message.sender]?.user.name ?? "#\(message.sender)"
    var column = canvas.write(
      isSelected ? state.symbols.selected : " ", at: Position(row: row, column: area.column),
      style: Style(.accent))
    column = canvas.write(
      "\(state.dateAndTime(message.sentAt)) ", at: Position(row: row, column: column),
      limit: area.endColumn, style: Style(.muted))
    canvas.write(
      state.metrics.truncated(name, to: area.endColumn - 1 - column),
      at: Position(row: row, column: column), limit: area.endColumn,
      style: Style(isOwn ? .own : .accent, .bold))
    if isSelected, row + 1 < area.endRow {
      canvas.write(
        state.symbols.selected, at: Position(row: row + 1, column: area.column),
        style: Style(.accent))
    }
    guard row + 1 < area.endRow else { return }
    let runs = state.metrics.excerpt(
      message.text, ranges: hit.ranges, isSelected: isSelected, width: area.columns - 4,
      ellipsis: state.symbols.sending)
    let line = StyledLine(runs: runs, alignment: .left(indent: 3))
    canvas.draw(line, row: row + 1, in: area, symbols: state.symbols)
  }
}

extension AppState {
  /// A moment to the minute: `2026-11-23 09:41`.
  func dateAndTime(_ moment: Timestamp) -> String {
    let time = configuration.localTime(moment)
    return "\(time.year)-\(twoDigits(time.month))-\(twoDigits(time.day)) \(time.clock)"
  }
}
