/// Every key of the mode that help was called from, and every command: printed from the tables.
struct HelpView {
  let state: AppState
  let help: HelpState

  func draw(on canvas: inout Canvas) {
    let area = Self.area(size: canvas.size)
    canvas.drawBox(area, title: state.strings.helpTitle, symbols: state.symbols)
    let lines = lines(columns: area.columns - 4)
    let rows = area.rows - 2
    let first = min(help.scroll, max(0, lines.count - rows))
    for (offset, line) in lines.dropFirst(first).prefix(rows).enumerated() {
      let row = area.row + 1 + offset
      canvas.write(
        line.keys, at: Position(row: row, column: area.column + 2), limit: area.endColumn - 1,
        style: Style(.accent, .bold))
      canvas.write(
        line.text, at: Position(row: row, column: area.column + line.indent),
        limit: area.endColumn - 1)
    }
    KeyBarView(state: state).clearAndDraw(on: &canvas)
    canvas.hideCursor()
  }

  struct Line {
    var keys: [Cluster]
    var text: [Cluster]
    var indent: Int
  }

  /// The screen but for the title bar and the key bar.
  static func area(size: Size) -> Rectangle {
    let columns = min(size.columns, 78)
    return Rectangle(
      row: 0, column: (size.columns - columns) / 2, rows: size.rows - 1, columns: columns)
  }

  /// How many lines can be scrolled past.
  static func maximumScroll(_ state: AppState, _ help: HelpState) -> Int {
    let area = area(size: state.size)
    let lines = HelpView(state: state, help: help).lines(columns: area.columns - 4)
    return max(0, lines.count - (area.rows - 2))
  }

  private func lines(columns: Int) -> [Line] {
    let strings = state.strings
    var rows = keyRows()
    if help.context != .form {
      rows.append(("", ""))
      rows.append((strings.helpCommands, ""))
      rows += SlashCommand.allCases.map { command in
        let usage = command.usage(strings)
        return ("/\(command.name)" + (usage.isEmpty ? "" : " \(usage)"), command.summary(strings))
      }
    }
    let widest = rows.map { state.metrics.width(of: $0.0) }.max() ?? 0
    let indent = min(widest, columns / 2) + 2
    return rows.flatMap { keys, text -> [Line] in
      let wrapped = WrappedText(state.metrics.clusters(text), width: columns - indent)
      return wrapped.rows.enumerated().map { index, row in
        Line(
          keys: index == 0 ? state.metrics.truncated(keys, to: indent - 1) : [],
          text: Array(wrapped.clusters[row.range]), indent: indent + 2)
      }
    }
  }

  /// One row per help text: the nine keys for the nine conversations share one.
  private func keyRows() -> [(String, String)] {
    var rows: [(keys: [String], text: String)] = []
    for binding in state.keymap.bindings(in: help.context) {
      let text = state.strings[keyPath: binding.help]
      let keys = binding.keys.map(\.name)
      if case .conversation = binding.command, rows.last?.text == text {
        rows[rows.count - 1].keys += keys
      } else {
        rows.append((keys, text))
      }
    }
    return rows.map { row in
      let keys =
        row.keys.count > 4
        ? "\(row.keys[0])..\(row.keys[row.keys.count - 1].suffix(1))"
        : row.keys.joined(separator: ", ")
      return (keys, row.text)
    }
  }
}

extension KeyBarView {
  /// For overlays, which are drawn over a finished screen.
  func clearAndDraw(on canvas: inout Canvas) {
    let row = canvas.size.rows - 1
    canvas.clear(Rectangle(row: row, column: 0, rows: 1, columns: canvas.size.columns))
    draw(on: &canvas, row: row)
  }
}
