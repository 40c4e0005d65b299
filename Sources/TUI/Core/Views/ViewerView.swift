import MartletProtocol

/// A picture over the whole screen, with its name above it.
struct ViewerView {
  let state: AppState
  let viewer: ViewerState

  /// The cells there are for a picture on a screen: all but the title and the key bar.
  static func pictureSize(in size: Size) -> Size {
    Size(columns: max(1, size.columns), rows: max(1, size.rows - 2))
  }

  func draw(on canvas: inout Canvas) {
    canvas.clear(
      Rectangle(row: 0, column: 0, rows: canvas.size.rows, columns: canvas.size.columns))
    canvas.hideCursor()
    drawTitle(on: &canvas)
    let room = Self.pictureSize(in: canvas.size)
    let area = Rectangle(row: 1, column: 0, rows: room.rows, columns: room.columns)
    switch viewer.stage {
    case .fetching:
      let meter = state.chat.downloads[viewer.attachment.id]?.meter
      drawWords(
        meter?.text(state.symbols, cells: 20) ?? state.strings.loading, Style(.attention),
        on: &canvas, in: area)
    case .drawing: drawWords(state.strings.loading, Style(.attention), on: &canvas, in: area)
    case .shown(_, _, let picture): draw(picture, on: &canvas, in: area)
    case .failed(let failure):
      drawWords(state.strings.explain(failure), Style(.negative), on: &canvas, in: area)
    }
    KeyBarView(state: state).draw(on: &canvas, row: canvas.size.rows - 1)
  }

  private func drawTitle(on canvas: inout Canvas) {
    let attachment = viewer.attachment
    var facts = ByteCount.text(attachment.size)
    if let width = attachment.width, let height = attachment.height {
      facts += "  \(width)\(state.symbols.times)\(height)"
    }
    let room = canvas.size.columns - state.metrics.width(of: facts) - 4
    let column = canvas.write(
      state.metrics.truncated(attachment.name, to: max(4, room)),
      at: Position(row: 0, column: 1), style: Style(.standard, .bold))
    canvas.write("  \(facts)", at: Position(row: 0, column: column), style: Style(.muted))
  }

  /// In the middle.
  private func draw(_ picture: Picture, on canvas: inout Canvas, in area: Rectangle) {
    let top = area.row + max(0, (area.rows - picture.rows.count) / 2)
    let left = area.column + max(0, (area.columns - picture.columns) / 2)
    for (offset, row) in picture.rows.prefix(area.rows).enumerated() {
      var column = left
      for cell in row {
        column = canvas.write(
          CollectionOfOne(state.metrics.cluster(cell.character)),
          at: Position(row: top + offset, column: column), style: cell.style)
      }
    }
  }

  private func drawWords(
    _ words: String, _ style: Style, on canvas: inout Canvas, in area: Rectangle
  ) {
    let wrapped = WrappedText(state.metrics.clusters(words), width: max(1, area.columns - 4))
    let top = area.row + max(0, (area.rows - wrapped.rows.count) / 2)
    for (offset, row) in wrapped.rows.prefix(area.rows).enumerated() {
      canvas.write(
        wrapped.clusters[row.range],
        at: Position(
          row: top + offset, column: area.column + max(0, (area.columns - row.width) / 2)),
        limit: area.endColumn, style: style)
    }
  }
}
