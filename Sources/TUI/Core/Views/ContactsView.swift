import MartletProtocol

/// The contacts pane.
struct ContactsView {
  let state: AppState

  func draw(on canvas: inout Canvas, in area: Rectangle) {
    let contacts = state.chat.contacts
    let shown = contacts.shown
    guard !shown.isEmpty else {
      let isComing = contacts.isLoading || !state.isOnline
      let text =
        !contacts.order.isEmpty && !isComing
        ? state.strings.noMatch : isComing ? state.strings.loading : state.strings.noContacts
      let wrapped = WrappedText(state.metrics.clusters(text), width: area.columns - 2)
      for (offset, row) in wrapped.rows.prefix(area.rows).enumerated() {
        canvas.write(
          wrapped.clusters[row.range],
          at: Position(row: area.row + offset, column: area.column + 1), limit: area.endColumn,
          style: Style(.muted))
      }
      return
    }
    let first = firstShown(rows: area.rows)
    for (offset, user) in shown.dropFirst(first).prefix(area.rows).enumerated() {
      guard let entry = contacts[user] else { continue }
      draw(entry, on: &canvas, row: area.row + offset, in: area)
    }
  }

  /// The cursor stands on the selected contact while the keys go here.
  func placeCursor(on canvas: inout Canvas, in area: Rectangle?) {
    guard let area, let selection = state.chat.contacts.selection,
      let index = state.chat.contacts.shown.firstIndex(of: selection),
      case let row = area.row + index - firstShown(rows: area.rows),
      (area.row..<area.endRow).contains(row)
    else {
      canvas.hideCursor()
      return
    }
    canvas.placeCursor(Position(row: row, column: area.column))
  }

  /// The first contact shown: never so far down that rows stay empty for nothing.
  private func firstShown(rows: Int) -> Int {
    max(0, min(state.chat.contacts.firstShown, state.chat.contacts.shown.count - rows))
  }

  private func draw(_ entry: ContactEntry, on canvas: inout Canvas, row: Int, in area: Rectangle) {
    let symbols = state.symbols
    let isSelected = state.chat.contacts.selection == entry.user.id
    let isOpen = state.chat.openContact == entry.user.id
    let name = Style(.standard, entry.unread > 0 ? .bold : [])
    var column = canvas.write(
      isOpen ? symbols.selected : " ", at: Position(row: row, column: area.column),
      style: Style(.accent))
    let sign = state.presenceSign(of: entry)
    column = canvas.write(
      sign.text, at: Position(row: row, column: column), style: sign.style)
    let (note, noteStyle) = note(for: entry)
    let noteStart = area.endColumn - state.metrics.width(of: note) - 1
    canvas.write(
      state.metrics.truncated(" \(entry.user.name)", to: noteStart - column - 1),
      at: Position(row: row, column: column), limit: area.endColumn, style: name)
    canvas.write(note, at: Position(row: row, column: noteStart), style: noteStyle)
    if isSelected, state.chat.focus == .contacts {
      canvas.restyle(Rectangle(row: row, column: area.column, rows: 1, columns: area.columns)) {
        $0.attributes.insert(.reverse)
      }
    }
  }

  /// What stands at the right: the unread count, else when somebody offline was last here.
  private func note(for entry: ContactEntry) -> (String, Style) {
    if entry.unread > 0 {
      let count = entry.unread > 999 ? "999+" : String(entry.unread)
      return (count, Style(.attention, .bold))
    }
    guard !entry.isOnline, let lastSeen = entry.lastSeen else { return ("", .plain) }
    return (state.shortTime(lastSeen), Style(.muted))
  }
}

extension AppState {
  /// A moment as briefly as it can be told apart: `09:41` today, then yesterday, the weekday, the date.
  func shortTime(_ moment: Timestamp) -> String {
    let time = configuration.localTime(moment)
    let day: Int64 = 24 * 60 * 60 * 1000
    if time.isSameDay(as: configuration.localTime(now)) { return time.clock }
    if time.isSameDay(as: configuration.localTime(now.advanced(byMilliseconds: -day))) {
      return strings.yesterday
    }
    if (0..<6 * day).contains(now.milliseconds(since: moment)),
      strings.weekdaysShort.indices.contains(time.weekday)
    {
      return strings.weekdaysShort[time.weekday]
    }
    return "\(twoDigits(time.month))-\(twoDigits(time.day))"
  }
}
