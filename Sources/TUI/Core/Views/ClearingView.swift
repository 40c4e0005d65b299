/// The question whether a conversation is to be cleared.
struct ClearingView {
  let state: AppState
  let clearing: ClearingState

  func draw(on canvas: inout Canvas) {
    let strings = state.strings
    var text = [(strings.clearingQuestion(clearing.name), Style(.negative))]
    if let problem = clearing.problem { text.append((problem, Style(.attention))) }
    let field = canvas.drawDialog(
      title: strings.clearingTitle, text: text, below: 1, columns: 60, symbols: state.symbols)
    KeyBarView(state: state).clearAndDraw(on: &canvas)
    guard let field else { return }
    guard !clearing.isUnderWay else {
      canvas.write(
        strings.clearingUnderWay, at: Position(row: field.row, column: field.column),
        limit: field.endColumn, style: Style(.attention))
      return
    }
    let prompt = state.metrics.truncated(
      "\(strings.clearingPrompt) ", to: max(0, field.columns - 8))
    let start = canvas.write(
      prompt, at: Position(row: field.row, column: field.column), limit: field.endColumn)
    canvas.drawField(
      clearing.answer, row: field.row, from: start, to: field.endColumn, isFocused: true)
  }
}
