/// The sign-in form and the registration form.
struct SignInView {
  let state: AppState

  func draw(on canvas: inout Canvas) {
    let size = canvas.size
    let isRoomy = size.rows >= ScreenLayout.roomyRows
    if isRoomy { TitleBarView(state: state).draw(on: &canvas, row: 0) }
    KeyBarView(state: state).draw(on: &canvas, row: size.rows - 1)
    let form = state.signIn
    let top = isRoomy ? 2 : 0
    let rows = size.rows - 1 - top
    let columns = min(60, size.columns)
    let left = (size.columns - columns) / 2
    let text = messages(columns: columns - 4)
    let wanted = 2 + form.fields.count + (isRoomy ? 1 : 0) + text.count
    let height = min(rows, wanted + 1)
    let start = top + max(0, (rows - height) / 3)
    let box = Rectangle(row: start, column: left, rows: height, columns: columns)
    let title = form.mode == .signIn ? state.strings.signInTitle : state.strings.registerTitle
    canvas.drawBox(box, title: title, symbols: state.symbols)
    var row = start + (isRoomy && height > wanted ? 2 : 1)
    let inside = Rectangle(row: row, column: left + 2, rows: rows, columns: columns - 4)
    // With very little room the message under the fields gives way before the fields do.
    row += form.fields.count
    for (line, style) in text where row < box.endRow - 1 {
      canvas.write(
        line, at: Position(row: row, column: inside.column), limit: inside.endColumn, style: style)
      row += 1
    }
    drawFields(on: &canvas, in: inside, endRow: box.endRow - 1)
  }

  private func drawFields(on canvas: inout Canvas, in area: Rectangle, endRow: Int) {
    let form = state.signIn
    let labels = form.fields.map(label)
    let labelColumns = min(area.columns / 2, (labels.map(state.metrics.width).max() ?? 0) + 2)
    // Where not all fields fit, the one with the caret is among those that do.
    let room = max(1, endRow - area.row)
    let current = form.fields.firstIndex(of: form.field) ?? 0
    let first = max(0, min(current - room + 1, form.fields.count - 1))
    for (offset, field) in form.fields.dropFirst(first).prefix(room).enumerated() {
      let row = area.row + offset
      canvas.write(
        state.metrics.truncated(label(field), to: labelColumns - 1),
        at: Position(row: row, column: area.column),
        style: field == form.field ? Style(.standard, .bold) : .plain)
      canvas.drawField(
        form[field], mask: field.isSecret ? state.symbols.mask : nil, row: row,
        from: area.column + labelColumns, to: area.endColumn, isFocused: field == form.field)
    }
  }

  private func label(_ field: SignInState.Field) -> String {
    switch field {
    case .name: state.strings.fieldName
    case .password: state.strings.fieldPassword
    case .repeated: state.strings.fieldRepeat
    case .invite: state.strings.fieldInvite
    }
  }

  /// What stands under the fields: a free row, then the problem or the progress, then the other form.
  private func messages(columns: Int) -> [([Cluster], Style)] {
    let strings = state.strings
    let form = state.signIn
    var texts: [(String, Style)] = []
    if state.configuration.transport == .plain {
      texts.append((strings.trust.othersMayRead, Style(.attention)))
    }
    switch form.progress {
    case .editing:
      if let problem = form.problem { texts.append((strings.explain(problem), Style(.negative))) }
    case .waitingForConnection: texts.append((strings.willSignIn, Style(.attention)))
    case .registering: texts.append((strings.registering, Style(.attention)))
    case .signingIn: texts.append((strings.signingIn, Style(.attention)))
    }
    texts.append((form.mode == .signIn ? strings.toRegister : strings.toSignIn, Style(.muted)))
    return [([], .plain)]
      + texts.flatMap { text, style in
        let wrapped = WrappedText(state.metrics.clusters(text), width: columns)
        return wrapped.rows.map { (Array(wrapped.clusters[$0.range]), style) }
      }
  }
}
