extension Canvas {
  /// Draws a one-line field, scrolled sideways so that the caret is in view.
  ///
  /// - Parameter mask: what stands for each character of a secret; `nil` shows the text.
  mutating func drawField(
    _ editor: TextEditor, mask: Character? = nil, row: Int, from start: Int, to end: Int,
    isFocused: Bool
  ) {
    let shown = mask.map { mask in editor.characters.map { _ in mask } } ?? editor.characters
    let clusters = metrics.clusters(shown)
    let room = max(1, end - start - 1)
    var first = editor.caret
    var taken = 0
    while first > 0, taken + clusters[first - 1].width <= room {
      first -= 1
      taken += clusters[first].width
    }
    let style = Style(.standard, .underline)
    clear(Rectangle(row: row, column: start, rows: 1, columns: end - start), style: style)
    write(clusters[first...], at: Position(row: row, column: start), limit: end, style: style)
    if isFocused { placeCursor(Position(row: row, column: start + taken)) }
  }

  /// Draws a box in the middle of the screen with rows of text at its top.
  ///
  /// - Parameter below: how many rows to keep free under the text; they come before the text where
  ///   there is not room for both.
  /// - Returns: the free rows; `nil` where there is no room for any.
  mutating func drawDialog(
    title: String, text: [(String, Style)], below: Int, columns: Int, symbols: Symbols
  ) -> Rectangle? {
    let columns = min(columns, size.columns)
    let lines = text.flatMap { text, style in
      let wrapped = WrappedText(metrics.clusters(text), width: columns - 4)
      return wrapped.rows.map { (Array(wrapped.clusters[$0.range]), style) }
    }
    // The key bar stays in sight.
    let rows = min(lines.count + below + 2, size.rows - 1)
    let area = Rectangle(
      row: max(0, (size.rows - 1 - rows) / 2), column: (size.columns - columns) / 2, rows: rows,
      columns: columns)
    drawBox(area, title: title, symbols: symbols)
    hideCursor()
    let free = min(below, rows - 2)
    let shown = lines.prefix(max(0, rows - 2 - free))
    for (offset, (line, style)) in shown.enumerated() {
      write(
        line, at: Position(row: area.row + 1 + offset, column: area.column + 2),
        limit: area.endColumn - 1, style: style)
    }
    guard free > 0 else { return nil }
    return Rectangle(
      row: area.row + 1 + shown.count, column: area.column + 2, rows: free, columns: columns - 4)
  }
}
