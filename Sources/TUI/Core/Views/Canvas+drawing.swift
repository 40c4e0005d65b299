extension Canvas {
  /// Draws a box with a title in its upper line, and clears its inside.
  mutating func drawBox(_ area: Rectangle, title: String, symbols: Symbols, style: Style = .plain) {
    clear(area, style: .plain)
    let last = area.endRow - 1
    drawLine(
      row: area.row, from: area.column, to: area.endColumn, left: symbols.joints[0][0],
      right: symbols.joints[0][2], symbols: symbols, style: style)
    for row in area.row + 1..<max(area.row + 1, last) {
      write(symbols.vertical, at: Position(row: row, column: area.column), style: style)
      write(symbols.vertical, at: Position(row: row, column: area.endColumn - 1), style: style)
    }
    drawLine(
      row: last, from: area.column, to: area.endColumn, left: symbols.joints[2][0],
      right: symbols.joints[2][2], symbols: symbols, style: style)
    write(
      " \(title) ", at: Position(row: area.row, column: area.column + 1),
      limit: area.endColumn - 1, style: Style(.standard, .bold))
  }

  /// Draws a horizontal line with given ends.
  mutating func drawLine(
    row: Int, from start: Int, to end: Int, left: String, right: String, symbols: Symbols,
    style: Style = .plain
  ) {
    let inside = String(repeating: symbols.horizontal, count: max(0, end - start - 2))
    write(left + inside + right, at: Position(row: row, column: start), limit: end, style: style)
  }

  /// Draws one row of a pane.
  mutating func draw(_ line: StyledLine, row: Int, in area: Rectangle, symbols: Symbols) {
    let width = line.width
    var column = area.column
    switch line.alignment {
    case .left(let indent): column += indent
    case .center: column += max(0, (area.columns - width) / 2)
    case .rule:
      let style = line.runs.first?.style ?? .plain
      let text = String(repeating: symbols.horizontal, count: area.columns)
      write(text, at: Position(row: row, column: column), limit: area.endColumn, style: style)
      column += max(0, (area.columns - width - 2) / 2)
      column = write(" ", at: Position(row: row, column: column), limit: area.endColumn)
    }
    for run in line.runs {
      column = write(
        run.clusters, at: Position(row: row, column: column), limit: area.endColumn,
        style: run.style)
    }
    if case .rule = line.alignment {
      write(" ", at: Position(row: row, column: column), limit: area.endColumn)
    }
  }

  /// Takes all colours away, for a terminal or a user that wants none.
  mutating func dropColours() {
    restyle(Rectangle(row: 0, column: 0, rows: size.rows, columns: size.columns)) { style in
      style.foreground = .standard
      style.background = .standard
    }
  }
}

extension TextMetrics {
  /// The text cut to so many cells, with `~` in place of what is cut off.
  func truncated(_ text: String, to width: Int) -> [Cluster] {
    let clusters = clusters(text)
    guard clusters.width > width else { return clusters }
    var kept: [Cluster] = []
    var taken = 0
    for cluster in clusters {
      guard taken + cluster.width <= width - 1 else { break }
      kept.append(cluster)
      taken += cluster.width
    }
    return width > 0 ? kept + [cluster("~")] : []
  }
}
