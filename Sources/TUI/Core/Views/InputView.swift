/// The text being written, and the hardware cursor at its caret.
struct InputView {
  let state: AppState

  func draw(on canvas: inout Canvas, in area: Rectangle) {
    let draft = DraftLayout(state.chat.editor, columns: area.columns, metrics: state.metrics)
    let first = draft.firstRow(showing: area.rows)
    canvas.write(
      first == 0 ? " > " : " ^ ", at: Position(row: area.row, column: area.column),
      style: Style(.accent, .bold))
    let start = area.column + DraftLayout.promptColumns
    for (offset, row) in draft.wrapped.rows.dropFirst(first).prefix(area.rows).enumerated() {
      canvas.write(
        draft.wrapped.clusters[row.range], at: Position(row: area.row + offset, column: start),
        limit: area.endColumn - 1)
    }
    canvas.placeCursor(
      Position(row: area.row + draft.caret.row - first, column: start + draft.caret.column))
  }
}
