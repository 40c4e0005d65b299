import MartletProtocol

/// The list of devices: two rows each, the name and what is known of it.
struct SessionsView {
  let state: AppState
  let sessions: SessionsState

  private static let rowsPerDevice = 2

  func draw(on canvas: inout Canvas) {
    let strings = state.strings
    let devices = sessions.sessions ?? []
    var text: [(String, Style)] = []
    if let problem = sessions.problem {
      text.append((problem, Style(.negative)))
    } else if let revoking = devices.first(where: { $0.id == sessions.revoking }) {
      text.append((strings.revokeQuestion(state.name(of: revoking)), Style(.attention, .bold)))
    } else if sessions.sessions == nil {
      text.append((strings.loading, Style(.muted)))
    }
    let area = canvas.drawDialog(
      title: strings.sessionsTitle, text: text, below: devices.count * Self.rowsPerDevice,
      columns: 64, symbols: state.symbols)
    KeyBarView(state: state).clearAndDraw(on: &canvas)
    guard let area else { return }
    let room = max(1, area.rows / Self.rowsPerDevice)
    let first = max(0, min(sessions.selected - room / 2, devices.count - room))
    for (offset, device) in devices.dropFirst(first).prefix(room).enumerated() {
      let row = area.row + offset * Self.rowsPerDevice
      draw(device, on: &canvas, row: row, in: area)
      guard first + offset == sessions.selected else { continue }
      canvas.restyle(
        Rectangle(
          row: row, column: area.column - 1, rows: min(Self.rowsPerDevice, area.endRow - row),
          columns: area.columns + 2)
      ) { $0.attributes.insert(.reverse) }
      canvas.placeCursor(Position(row: row, column: area.column))
    }
  }

  private func draw(
    _ device: SessionSummary, on canvas: inout Canvas, row: Int, in area: Rectangle
  ) {
    let strings = state.strings
    let note = device.current ? strings.thisDevice : device.online ? strings.online : ""
    let noteStart = area.endColumn - state.metrics.width(of: note)
    let column = canvas.write(
      device.online ? state.symbols.online : state.symbols.offline,
      at: Position(row: row, column: area.column), style: Style(device.online ? .positive : .muted))
    canvas.write(
      state.metrics.truncated(" \(state.name(of: device))", to: noteStart - column - 1),
      at: Position(row: row, column: column), limit: area.endColumn, style: Style(.standard, .bold))
    canvas.write(note, at: Position(row: row, column: noteStart), style: Style(.positive))
    guard row + 1 < area.endRow else { return }
    let used = strings.lastUsed(state.shortTime(device.lastUsedAt))
    let created = strings.signedInOn(state.shortTime(device.createdAt))
    canvas.write(
      state.metrics.truncated("\(used), \(created)", to: area.columns - 2),
      at: Position(row: row + 1, column: area.column + 2), limit: area.endColumn,
      style: Style(.muted))
  }
}
