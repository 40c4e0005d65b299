/// The question whether to quit.
struct QuitView {
  let state: AppState

  func draw(on canvas: inout Canvas) {
    let strings = state.strings
    let unsent = state.chat.pendingMessages.count
    let texts = [strings.quitQuestion] + (unsent > 0 ? [strings.quitUnsent(unsent)] : [])
    let columns = min(50, canvas.size.columns)
    let lines = (texts + [strings.quitKeys]).flatMap { text in
      let wrapped = WrappedText(state.metrics.clusters(text), width: columns - 4)
      return wrapped.rows.map { Array(wrapped.clusters[$0.range]) }
    }
    let rows = min(lines.count + 2, canvas.size.rows)
    let area = Rectangle(
      row: (canvas.size.rows - rows) / 2, column: (canvas.size.columns - columns) / 2, rows: rows,
      columns: columns)
    canvas.drawBox(area, title: strings.quitTitle, symbols: state.symbols)
    for (offset, line) in lines.prefix(rows - 2).enumerated() {
      canvas.write(
        line, at: Position(row: area.row + 1 + offset, column: area.column + 2),
        limit: area.endColumn - 1)
    }
    canvas.hideCursor()
  }
}
