import MartletProtocol

/// The line above the conversation: what is looked for, and what became of it.
struct SearchLineView {
  let state: AppState
  let search: SearchState

  func draw(on canvas: inout Canvas, row: Int, from start: Int, to end: Int) {
    let (text, style) = status
    canvas.clear(Rectangle(row: row, column: start, rows: 1, columns: end - start))
    let isWhole = search.stage != .query && (search.results?.isEmpty ?? false)
    let room = isWhole ? end - start - 2 : max(0, (end - start) * 2 / 3)
    let shown = state.metrics.truncated(text, to: room)
    let statusStart = end - 1 - shown.width
    canvas.write(
      shown, at: Position(row: row, column: isWhole ? start + 1 : statusStart), limit: end,
      style: style)
    guard !isWhole else { return canvas.hideCursor() }
    let prompt = canvas.write(
      " / ", at: Position(row: row, column: start), limit: end, style: Style(.accent, .bold))
    let fieldEnd = shown.isEmpty ? end - 1 : statusStart - 1
    guard search.stage == .query else {
      let query = state.metrics.truncated(search.results?.query ?? "", to: fieldEnd - prompt)
      canvas.write(query, at: Position(row: row, column: prompt), limit: fieldEnd)
      return canvas.hideCursor()
    }
    canvas.drawField(
      search.query, row: row, from: prompt, to: max(prompt + 1, fieldEnd), isFocused: true)
  }

  private var status: (String, Style) {
    let strings = state.strings
    if let problem = search.problem { return (problem, Style(.attention)) }
    guard let results = search.results else { return ("", .plain) }
    if search.stage == .query, results.query != search.query.text { return ("", .plain) }
    if results.isEmpty, results.isOfHeld { return (strings.resultsHeld(0), Style(.attention)) }
    if results.isEmpty { return (strings.noResults(results.query), Style(.attention)) }
    guard !results.hits.isEmpty else { return ("", .plain) }
    if search.stage == .context, search.jump != nil {
      let hasFailed = state.chat.openConversation?.requestFailed ?? false
      return (hasFailed ? strings.unavailable : strings.loading, Style(.muted))
    }
    if results.isOfHeld {
      let words = strings.resultsHeld(results.total)
      return ("\(search.selected + 1)/\(results.total)  \(words)", Style(.attention, .bold))
    }
    let words = strings.results(results.total, results.isExact)
    let count = "\(results.total)\(results.isExact ? "" : "+")"
    return ("\(search.selected + 1)/\(count)  \(words)", Style(.attention, .bold))
  }
}
