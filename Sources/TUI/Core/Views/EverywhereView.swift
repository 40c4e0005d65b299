import MartletProtocol

/// The hits of a search in all conversations: each contact with the count, below it the newest hits.
struct EverywhereView {
  let state: AppState
  let search: EverywhereState

  func draw(on canvas: inout Canvas) {
    let columns = min(100, canvas.size.columns)
    let area = Rectangle(
      row: 0, column: (canvas.size.columns - columns) / 2, rows: canvas.size.rows - 1,
      columns: columns)
    canvas.drawBox(area, title: state.strings.everywhereTitle, symbols: state.symbols)
    KeyBarView(state: state).clearAndDraw(on: &canvas)
    canvas.hideCursor()
    let (text, style) = status
    canvas.write(
      state.metrics.truncated(text, to: columns - 4),
      at: Position(row: area.row + 1, column: area.column + 2), limit: area.endColumn - 1,
      style: style)
    let rows = search.rows
    let room = max(1, area.rows - 3)
    let first = max(0, min(search.selected - room / 2, rows.count - room))
    let list = Rectangle(
      row: area.row + 2, column: area.column + 1, rows: room, columns: columns - 2)
    for (offset, entry) in rows.dropFirst(first).prefix(room).enumerated() {
      let row = list.row + offset
      switch entry {
      case .group(let group): draw(search.groups[group], on: &canvas, row: row, in: list)
      case .hit(let group, let hit):
        draw(search.groups[group].hits[hit], on: &canvas, row: row, in: list)
      }
      guard first + offset == search.selected else { continue }
      canvas.write(
        state.symbols.selected, at: Position(row: row, column: list.column), style: Style(.accent))
      canvas.placeCursor(Position(row: row, column: list.column))
    }
  }

  private var status: (String, Style) {
    let strings = state.strings
    if let failure = search.failure { return (strings.explain(failure), Style(.negative)) }
    if search.isComplete, search.groups.isEmpty {
      return (strings.noResults(search.query), Style(.attention))
    }
    if !search.isComplete, !state.isOnline { return (strings.searchWaits, Style(.attention)) }
    guard !search.groups.isEmpty else { return (strings.searching, Style(.muted)) }
    let total = search.total
    let words = strings.results(total.count, total.isExact)
    return ("\(words): \(search.query)", Style(.attention, .bold))
  }

  private func draw(
    _ group: SearchEverywhere.Group, on canvas: inout Canvas, row: Int, in area: Rectangle
  ) {
    let name: String
    if case .user(let user)? = state.chat.routes[group.conversation],
      let entry = state.chat.contacts[user]
    {
      name = entry.user.name
    } else {
      name = "#\(group.conversation)"
    }
    let count = "\(group.count)\(group.exact ? "" : "+")"
    let countStart = area.endColumn - state.metrics.width(of: count) - 1
    canvas.write(
      state.metrics.truncated(name, to: countStart - area.column - 3),
      at: Position(row: row, column: area.column + 1), limit: countStart,
      style: Style(.accent, .bold))
    canvas.write(
      count, at: Position(row: row, column: countStart), limit: area.endColumn,
      style: Style(.attention))
  }

  private func draw(_ hit: SearchHit, on canvas: inout Canvas, row: Int, in area: Rectangle) {
    let time = canvas.write(
      "\(state.shortTime(hit.message.sentAt)) ", at: Position(row: row, column: area.column + 2),
      limit: area.endColumn, style: Style(.muted))
    let runs = state.metrics.excerpt(
      hit.message.text, ranges: hit.ranges, width: area.endColumn - 1 - time,
      ellipsis: state.symbols.sending)
    let line = StyledLine(runs: runs, alignment: .left(indent: time - area.column))
    canvas.draw(line, row: row, in: area, symbols: state.symbols)
  }
}
