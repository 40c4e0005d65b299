/// The screen after signing in: title bar, panes in their frame, key bar.
struct ChatView {
  let state: AppState

  func draw(on canvas: inout Canvas) {
    let layout = state.layout(for: canvas.size)
    drawFrame(layout, on: &canvas)
    if let row = layout.titleBar { TitleBarView(state: state).draw(on: &canvas, row: row) }
    if let area = layout.contacts { ContactsView(state: state).draw(on: &canvas, in: area) }
    if let area = layout.messages {
      ConversationView(state: state).draw(on: &canvas, in: area)
      CompletionView(state: state).draw(on: &canvas, above: area)
    }
    KeyBarView(state: state).draw(on: &canvas, row: layout.keyBar)
    // Last, so that the cursor ends up at the caret.
    if let area = layout.input { InputView(state: state).draw(on: &canvas, in: area) }
    if let search = state.chat.search, let area = layout.messages, let row = layout.searchLine {
      SearchLineView(state: state, search: search)
        .draw(on: &canvas, row: row, from: area.column, to: area.endColumn)
    } else if state.chat.messageMode != nil, let area = layout.messages {
      ConversationView(state: state).placeCursor(on: &canvas, in: area)
    } else if layout.input == nil || state.chat.focus == .contacts {
      ContactsView(state: state).placeCursor(on: &canvas, in: layout.contacts)
    }
  }

  private func drawFrame(_ layout: ScreenLayout, on canvas: inout Canvas) {
    let symbols = state.symbols
    let frame = layout.frame
    let joints = symbols.joints
    let bottom = frame.endRow - (layout.hasBottomLine ? 1 : 0)
    canvas.drawLine(
      row: frame.row, from: 0, to: frame.endColumn, left: joints[0][0], right: joints[0][2],
      symbols: symbols)
    for row in frame.row + 1..<bottom {
      for column in [0, layout.divider, frame.endColumn - 1].compactMap({ $0 }) {
        canvas.write(symbols.vertical, at: Position(row: row, column: column))
      }
    }
    if layout.hasBottomLine {
      canvas.drawLine(
        row: bottom, from: 0, to: frame.endColumn, left: joints[2][0], right: joints[2][2],
        symbols: symbols)
    }
    if let row = layout.inputLine {
      canvas.drawLine(
        row: row, from: layout.divider ?? 0, to: frame.endColumn, left: joints[1][0],
        right: joints[1][2], symbols: symbols)
    }
    if let row = layout.inputLine,
      state.chat.openConversation.map({ $0.scroll != .bottom }) ?? false, state.chat.search == nil
    {
      let text = " \(state.strings.below) "
      let start = frame.endColumn - 3 - state.metrics.width(of: text)
      canvas.write(text, at: Position(row: row, column: start), style: Style(.attention))
    }
    if let column = layout.divider {
      canvas.write(joints[0][1], at: Position(row: frame.row, column: column))
      if layout.hasBottomLine {
        canvas.write(joints[2][1], at: Position(row: bottom, column: column))
      }
    }
    drawTitles(layout, on: &canvas)
  }

  private func drawTitles(_ layout: ScreenLayout, on canvas: inout Canvas) {
    let row = layout.frame.row
    if let area = layout.contacts {
      let contacts = state.chat.contacts
      // Who is here is only said where it is known of everyone.
      let online = state.isOnline ? contacts.onlineCount : 0
      let count = (state.knowsAllPresence ? "\(online)/" : "") + "\(contacts.order.count)"
      let filter = contacts.filter.isEmpty ? count : "\(contacts.shown.count): \(contacts.filter)"
      let title = " \(state.strings.contactsTitle) \(filter) "
      canvas.write(
        title, at: Position(row: row, column: area.column), limit: area.endColumn,
        style: titleStyle(isFocused: state.chat.focus == .contacts))
    }
    if let area = layout.messages {
      ConversationView(state: state).drawTitle(
        on: &canvas, row: row, from: area.column, to: area.endColumn,
        style: titleStyle(isFocused: state.chat.focus != .contacts))
    }
  }

  /// The pane that has the keys is titled in bold.
  private func titleStyle(isFocused: Bool) -> Style {
    isFocused ? Style(.standard, .bold) : .plain
  }
}

extension AppState {
  /// Where things are on a chat screen of a given size.
  func layout(for size: Size) -> ScreenLayout {
    let make = { (rows: Int) in
      ScreenLayout(
        size: size, wantsContacts: chat.showsContacts, isContactsFocused: chat.focus == .contacts,
        inputRows: rows)
    }
    var single = make(1)
    if chat.search != nil {
      single.addSearchLine()
      return single
    }
    guard let area = single.input else { return single }
    let draft = DraftLayout(chat.editor, columns: area.columns, metrics: metrics)
    return draft.wrapped.rows.count > 1 ? make(draft.wrapped.rows.count) : single
  }
}
