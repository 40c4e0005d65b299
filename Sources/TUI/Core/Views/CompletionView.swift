/// The commands that fit what has been typed, listed above the input with what they do.
struct CompletionView {
  let state: AppState

  func draw(on canvas: inout Canvas, above area: Rectangle) {
    let commands = SlashCommand.matching(state.chat.editor.text)
    guard state.chat.focus == .input, state.chat.search == nil, !commands.isEmpty else { return }
    let shown = commands.prefix(max(0, area.rows - 1))
    let top = area.endRow - shown.count
    let names = shown.map { command in
      let usage = command.usage(state.strings)
      return "/\(command.name)" + (usage.isEmpty ? "" : " \(usage)")
    }
    let nameColumns = names.map { state.metrics.width(of: $0) }.max() ?? 0
    for (offset, (command, name)) in zip(shown, names).enumerated() {
      let row = top + offset
      canvas.clear(Rectangle(row: row, column: area.column, rows: 1, columns: area.columns))
      canvas.write(
        name, at: Position(row: row, column: area.column + 3), limit: area.endColumn,
        style: Style(.accent))
      let start = area.column + 5 + nameColumns
      canvas.write(
        state.metrics.truncated(command.summary(state.strings), to: area.endColumn - start),
        at: Position(row: row, column: start), limit: area.endColumn, style: Style(.muted))
    }
  }
}

extension SlashCommand {
  /// The commands whose name begins with what has been typed so far; none unless a name is being
  /// typed.
  static func matching(_ text: String) -> [SlashCommand] {
    guard text.hasPrefix("/"), !text.hasPrefix("//") else { return [] }
    let typed = text.dropFirst().lowercased()
    return allCases.filter { $0.name.hasPrefix(typed) }
  }
}
