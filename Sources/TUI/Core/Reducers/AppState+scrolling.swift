import MartletProtocol

extension AppState {
  /// The open conversation as laid out at the moment; `nil` while it is not on the screen.
  var messagePane: MessagePane? {
    guard screen == .chat, !ScreenLayout.isTooSmall(size),
      let conversation = chat.openConversation, let area = layout(for: size).messages
    else { return nil }
    let lines = MessageLines(conversation, in: self, columns: area.columns)
    return MessagePane(lines, rows: area.rows)
  }

  var messageRows: Int { layout(for: size).messages?.rows ?? 1 }

  /// Scrolls the open conversation; up shows again what `/clear` hid, and tries history again.
  mutating func scroll(up rows: Int) {
    guard let open = chat.open, messagePane != nil else { return }
    if rows > 0 {
      chat[open].clearedThrough = nil
      chat[open].requestFailed = false
    }
    if let pane = messagePane { chat[open].scroll = pane.scrolled(up: rows) }
  }

  /// Brings the "new" line to the upper edge.
  mutating func showFirstUnread() {
    guard let open = chat.open, let mark = chat[open].newLineAfter else { return }
    let place = chat[open].timeline.index(of: mark.next)
    guard let pane = messagePane, place.index < chat[open].timeline.messages.count else { return }
    chat[open].scroll = pane.position(showingAtTop: .message(place.index))
  }

  /// How far one turn of the wheel scrolls.
  private static let wheelRows = 3

  mutating func pointed(at position: Position, _ kind: MouseKind) -> [Effect] {
    if isCovered {
      if kind == .wheelUp { scrollHelp(by: -Self.wheelRows) }
      if kind == .wheelDown { scrollHelp(by: Self.wheelRows) }
      return []
    }
    guard screen == .chat, !ScreenLayout.isTooSmall(size) else { return [] }
    let layout = layout(for: size)
    if let area = layout.contacts, area.contains(position) {
      return pointedAtContacts(row: position.row - area.row, rows: area.rows, kind)
    }
    if let area = layout.messages, area.contains(position) {
      switch kind {
      case .wheelUp: scroll(up: Self.wheelRows)
      case .wheelDown: scroll(up: -Self.wheelRows)
      case .press: focusInput()
      case .release: break
      }
    }
    if let area = layout.input, area.contains(position), kind == .press {
      focusInput()
      let draft = DraftLayout(chat.editor, columns: area.columns, metrics: metrics)
      let place = WrappedText.Place(
        row: position.row - area.row + draft.firstRow(showing: area.rows),
        column: position.column - area.column - DraftLayout.promptColumns)
      chat.editor.moveCaret(to: draft.wrapped.position(at: place))
    }
    return []
  }

  private mutating func focusInput() {
    leaveMessages()
    chat.focus = .input
  }

  private mutating func pointedAtContacts(row: Int, rows: Int, _ kind: MouseKind) -> [Effect] {
    switch kind {
    case .wheelUp: chat.contacts.scroll(by: -Self.wheelRows, rows: rows)
    case .wheelDown: chat.contacts.scroll(by: Self.wheelRows, rows: rows)
    case .press:
      let index = chat.contacts.firstShown + row
      guard chat.contacts.shown.indices.contains(index) else { return [] }
      return open(.user(chat.contacts.shown[index]))
    case .release: break
    }
    return []
  }
}
