/// The form that changes the password.
struct PasswordView {
  let state: AppState
  let form: PasswordState

  func draw(on canvas: inout Canvas) {
    let strings = state.strings
    let note: (String, Style) =
      if form.isUnderWay {
        (strings.passwordUnderWay, Style(.attention))
      } else if let problem = form.problem {
        (problem, Style(.negative))
      } else {
        (strings.passwordHint, Style(.muted))
      }
    let fields = PasswordState.Field.allCases
    let area = canvas.drawDialog(
      title: strings.passwordTitle, text: [note], below: fields.count, columns: 60,
      symbols: state.symbols)
    KeyBarView(state: state).clearAndDraw(on: &canvas)
    guard let area else { return }
    let labels = fields.map(label)
    let labelColumns = min(area.columns / 2, (labels.map(state.metrics.width).max() ?? 0) + 2)
    // Where not all fields fit, the one with the caret is among those that do.
    let first = max(0, min(form.field.rawValue - area.rows + 1, fields.count - area.rows))
    for (offset, field) in fields.dropFirst(first).prefix(area.rows).enumerated() {
      let row = area.row + offset
      canvas.write(
        state.metrics.truncated(label(field), to: labelColumns - 1),
        at: Position(row: row, column: area.column),
        style: field == form.field ? Style(.standard, .bold) : .plain)
      canvas.drawField(
        form[field], mask: state.symbols.mask, row: row, from: area.column + labelColumns,
        to: area.endColumn, isFocused: field == form.field && !form.isUnderWay)
    }
  }

  private func label(_ field: PasswordState.Field) -> String {
    switch field {
    case .current: state.strings.fieldCurrentPassword
    case .new: state.strings.fieldNewPassword
    case .repeated: state.strings.fieldNewPasswordAgain
    }
  }
}
