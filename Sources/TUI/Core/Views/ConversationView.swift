import MartletProtocol

/// The messages of the open conversation.
struct ConversationView {
  let state: AppState

  func draw(on canvas: inout Canvas, in area: Rectangle) {
    guard let conversation = state.chat.openConversation else {
      drawHint(on: &canvas, in: area)
      return
    }
    if let search = state.chat.search, search.showsList, let results = search.results {
      HitListView(state: state, search: search, results: results).draw(on: &canvas, in: area)
      return
    }
    let lines = MessageLines(conversation, in: state, columns: area.columns)
    let visible = MessagePane(lines, rows: area.rows).visibleLines()
    // A short conversation stands on the input line, where the eyes are.
    let top = area.endRow - visible.count
    for (offset, line) in visible.enumerated() {
      canvas.draw(line.line, row: top + offset, in: area, symbols: state.symbols)
      if lines.isSelected(line.item) { mark(line.line, on: &canvas, row: top + offset, in: area) }
    }
  }

  /// Puts the cursor at the selected message, where screen readers and magnifiers look.
  func placeCursor(on canvas: inout Canvas, in area: Rectangle) {
    let column = area.column
    let row = (area.row..<area.endRow).first { row in
      canvas[row, column].glyph?.base == state.symbols.selected.unicodeScalars.first
    }
    guard let row else { return canvas.hideCursor() }
    canvas.placeCursor(Position(row: row, column: column))
  }

  /// Marks a row of the selected message at the edge of the pane.
  private func mark(_ line: StyledLine, on canvas: inout Canvas, row: Int, in area: Rectangle) {
    guard case .left = line.alignment else { return }
    let place = Position(row: row, column: area.column)
    canvas.write(state.symbols.selected, at: place, style: Style(.accent, .bold))
  }

  /// Writes the other member's name, presence and typing into the upper line of the frame.
  func drawTitle(on canvas: inout Canvas, row: Int, from start: Int, to end: Int, style: Style) {
    guard let open = state.chat.open else { return }
    guard let contact = state.chat.openContact.flatMap({ state.chat.contacts[$0] }) else {
      canvas.write(" \(name(of: open)) ", at: Position(row: row, column: start), limit: end)
      return
    }
    let status = status(of: contact)
    let room = end - start - state.metrics.width(of: status) - 6
    var column = canvas.write(
      " ", at: Position(row: row, column: start), limit: end, style: style)
    column = canvas.write(
      state.metrics.truncated(contact.user.name, to: max(4, room)),
      at: Position(row: row, column: column), limit: end, style: style)
    let sign = state.presenceSign(of: contact)
    column = canvas.write(
      " \(sign.text)", at: Position(row: row, column: column), limit: end, style: sign.style)
    canvas.write(" \(status) ", at: Position(row: row, column: column), limit: end)
  }

  private func status(of contact: ContactEntry) -> String {
    if let until = state.chat.openConversation?.typing[contact.user.id], until > state.now {
      return state.strings.isTyping
    }
    // Nobody knows just now.
    guard state.isOnline else { return "" }
    if contact.isOnline { return state.strings.online }
    guard let lastSeen = contact.lastSeen else { return state.strings.offline }
    return state.strings.lastSeen(state.shortTime(lastSeen))
  }

  private func name(of target: Target) -> String {
    switch target {
    case .user(let user): "#\(user)"
    case .conversation(let conversation): "#\(conversation)"
    }
  }

  private func drawHint(on canvas: inout Canvas, in area: Rectangle) {
    let contacts = state.chat.contacts
    let isAlone = contacts.order.isEmpty && state.isOnline && !contacts.isLoading
    let hint = isAlone ? state.strings.noContacts : state.strings.noConversation
    let wrapped = WrappedText(state.metrics.clusters(hint), width: area.columns - 4)
    let top = area.row + max(0, (area.rows - wrapped.rows.count) / 2)
    for (offset, row) in wrapped.rows.prefix(area.rows).enumerated() {
      let column = area.column + max(0, (area.columns - row.width) / 2)
      canvas.write(
        wrapped.clusters[row.range], at: Position(row: top + offset, column: column),
        limit: area.endColumn, style: Style(.muted))
    }
  }
}
