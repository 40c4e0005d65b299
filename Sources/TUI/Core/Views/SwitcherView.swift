import MartletProtocol

/// The box that finds a contact by part of the name.
struct SwitcherView {
  let state: AppState
  let switcher: SwitcherState

  func draw(on canvas: inout Canvas) {
    let columns = min(44, canvas.size.columns)
    let matches = switcher.matches.compactMap { state.chat.contacts[$0] }
    let rows = min(max(1, matches.count) + 3, canvas.size.rows)
    let area = Rectangle(
      row: max(0, (canvas.size.rows - rows) / 3), column: (canvas.size.columns - columns) / 2,
      rows: rows, columns: columns)
    canvas.drawBox(area, title: state.strings.switcherTitle, symbols: state.symbols)
    let listTop = area.row + 2
    let room = max(0, area.endRow - 1 - listTop)
    if matches.isEmpty, room > 0 {
      canvas.write(
        state.strings.noMatch, at: Position(row: listTop, column: area.column + 4),
        limit: area.endColumn - 1, style: Style(.muted))
    }
    let first = max(0, switcher.selected - room + 1)
    for (offset, entry) in matches.dropFirst(first).prefix(room).enumerated() {
      let row = listTop + offset
      let sign = state.presenceSign(of: entry)
      var column = canvas.write(
        sign.text, at: Position(row: row, column: area.column + 2), limit: area.endColumn - 1,
        style: sign.style)
      column = canvas.write(
        state.metrics.truncated(" \(entry.user.name)", to: area.endColumn - 2 - column),
        at: Position(row: row, column: column), limit: area.endColumn - 1)
      if first + offset == switcher.selected {
        canvas.restyle(
          Rectangle(row: row, column: area.column + 1, rows: 1, columns: area.columns - 2)
        ) { $0.attributes.insert(.reverse) }
      }
    }
    let prompt = canvas.write(
      " > ", at: Position(row: area.row + 1, column: area.column + 1), style: Style(.accent, .bold))
    let clusters = state.metrics.clusters(switcher.pattern.characters)
    canvas.write(
      clusters, at: Position(row: area.row + 1, column: prompt), limit: area.endColumn - 1)
    let caret = clusters.prefix(switcher.pattern.caret).width
    canvas.placeCursor(
      Position(row: area.row + 1, column: min(prompt + caret, area.endColumn - 2)))
  }
}
