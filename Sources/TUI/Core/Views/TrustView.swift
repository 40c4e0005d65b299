/// The question whether to trust a server, or why it is not trusted.
struct TrustView {
  let state: AppState
  let trust: TrustState

  func draw(on canvas: inout Canvas) {
    let strings = state.strings.trust
    let isQuestion = trust.fingerprint != nil
    let field = canvas.drawDialog(
      title: isQuestion ? strings.unknownTitle : strings.refusedTitle, text: text,
      below: isQuestion ? 1 : 0, columns: 64, symbols: state.symbols)
    KeyBarView(state: state).clearAndDraw(on: &canvas)
    guard let field else { return }
    let prompt = state.metrics.truncated("\(strings.prompt) ", to: max(0, field.columns - 8))
    let start = canvas.write(
      prompt, at: Position(row: field.row, column: field.column), limit: field.endColumn)
    canvas.drawField(
      trust.answer, row: field.row, from: start, to: field.endColumn, isFocused: true)
  }

  private var text: [(String, Style)] {
    let strings = state.strings.trust
    switch trust.doubt {
    case .unknown(let fingerprint):
      let question = trust.isUnclear ? strings.answerYesOrNo : strings.compare
      return [
        (strings.unknown(state.configuration.server), Style(.attention)),
        (strings.fingerprint, .plain), (fingerprint, Style(.standard, .bold)),
        (question, trust.isUnclear ? Style(.negative) : .plain),
      ]
    case .changed(let fingerprint, let file, let line):
      return [
        (strings.changed, Style(.negative, .bold)), (strings.eavesdropping, Style(.negative)),
        // In front of the fingerprint: it is what can be done.
        (strings.remove(line, atHome(file)), .plain), (strings.fingerprint, .plain),
        (fingerprint, Style(.standard, .bold)), (strings.nothingSent, Style(.muted)),
      ]
    case .outOfDate: return refusal(strings.outOfDate)
    case .otherName: return refusal(strings.otherName(state.configuration.server))
    }
  }

  /// The path with `~`, so that it fits.
  private func atHome(_ path: String) -> String {
    let home = state.configuration.homeDirectory
    return path.hasPrefix("\(home)/") ? "~\(path.dropFirst(home.count))" : path
  }

  private func refusal(_ words: String) -> [(String, Style)] {
    [(words, Style(.negative)), (state.strings.trust.nothingSent, Style(.muted))]
  }
}
