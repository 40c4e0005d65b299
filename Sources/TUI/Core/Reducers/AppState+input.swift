import MartletProtocol

extension AppState {
  mutating func handle(_ event: InputEvent, _ environment: Environment) -> [Effect] {
    switch event {
    case .key(let key): return press(key, environment)
    case .paste(let text): return paste(text)
    case .mouse(let row, let column, let kind):
      return pointed(at: Position(row: row, column: column), kind)
    case .focus(let hasFocus):
      self.hasFocus = hasFocus
      return []
    }
  }

  private mutating func press(_ key: KeyEvent, _ environment: Environment) -> [Effect] {
    notice = nil
    if let command = keymap.command(for: key, in: keyContext) {
      let wasArmed = isInterruptArmed
      isInterruptArmed = false
      return perform(command, environment, wasArmed: wasArmed)
    }
    isInterruptArmed = false
    guard case .character(let character) = key.key,
      key.modifiers.isSubset(of: .shift)
    else { return [] }
    return type(String(character))
  }

  private mutating func perform(
    _ command: Command, _ environment: Environment, wasArmed: Bool
  ) -> [Effect] {
    switch command {
    case .help, .close, .confirm, .scrollHelpDown, .scrollHelpUp, .pageHelpDown, .pageHelpUp,
      .helpStart, .helpEnd, .switcher, .switchToSelected, .switcherNext, .switcherPrevious:
      return performOnOverlay(command, environment)

    case .nextField, .previousField, .submit, .toggleRegistration:
      return performOnForm(command)

    case .search, .runSearch, .editQuery, .closeSearch, .olderHit, .newerHit, .pageOfOlderHits,
      .pageOfNewerHits, .openHit:
      return performOnSearch(command)

    case .message(let command): return perform(command)

    case .submitDialog, .nextDialogField, .previousDialogField, .nextSession, .previousSession,
      .revokeSession, .confirmRevocation, .closeSessions:
      return performOnDialog(command)

    case .send, .complete, .lineUp, .lineDown, .leftOrContacts, .lineEndOrBottom, .back, .pageUp,
      .pageDown, .retryFailed, .discardFailed, .firstUnread:
      return performOnInput(command, environment)

    case .nextConversation, .previousConversation, .lastConversation, .nextUnread, .conversation,
      .toggleContacts, .selectNext, .selectPrevious, .selectPageDown, .selectPageUp, .selectFirst,
      .selectLast, .openSelected, .backToInput, .shortenFilter:
      return performOnContacts(command)

    case .edit(let edit): return self.edit(edit)
    case .redraw: return [.redraw]
    case .suspend: return leave() + [.suspend]
    case .quit: return leave() + [.quit]
    case .interrupt: return interrupt(isArmed: wasArmed)
    }
  }

  private mutating func performOnForm(_ command: Command) -> [Effect] {
    // Once the form is on its way, changing it would change what an answer is about.
    guard !isFormSent else { return [] }
    switch command {
    case .nextField: moveField(by: 1)
    case .previousField: moveField(by: -1)
    case .toggleRegistration: toggleRegistration()
    case .submit: return submit()
    default: break
    }
    return []
  }

  private var isFormSent: Bool {
    switch signIn.progress {
    case .editing, .waitingForConnection: false
    case .registering, .signingIn: true
    }
  }

  /// Clears what is being written; on nothing, asks twice before it asks whether to quit.
  private mutating func interrupt(isArmed: Bool) -> [Effect] {
    switch keyContext {
    case .help, .switcher, .confirmation, .dialog, .sessions, .viewer:
      return closeOverlay()
    case .messages: return perform(.leave)
    case .query, .hits: return performOnSearch(.closeSearch)
    case .form where !signIn[signIn.field].isEmpty:
      signIn[signIn.field].replace(with: "")
      signIn.progress = .editing
      return []
    case .input where !chat.editor.isEmpty:
      chat.editor.replace(with: "")
      return draftChanged()
    case .form, .input, .contacts:
      guard !isArmed else {
        overlay = .quit
        return []
      }
      isInterruptArmed = true
      return show(strings.quitAgain)
    }
  }

  /// Puts typed text where the caret is.
  mutating func type(_ text: String) -> [Effect] {
    switch keyContext {
    case .form:
      guard !isFormSent else { return [] }
      signIn[signIn.field].insert(text)
      signIn.progress = .editing
      return []
    // No name has a slash in it: with one, a command begins.
    case .contacts where chat.contacts.filter.isEmpty && text.hasPrefix("/"):
      chat.focus = .input
      chat.editor.insert(text)
      return draftChanged()
    case .contacts:
      changeFilter(to: chat.contacts.filter + text)
      return []
    case .input:
      chat.editor.insert(text)
      return draftChanged()
    case .switcher: return changePattern { $0.insert(text) }
    case .query: return changeQuery { $0.insert(text) }
    case .dialog: return changeDialogField { $0.insert(text) }
    case .help, .confirmation, .hits, .sessions, .messages, .viewer: return []
    }
  }

  private mutating func paste(_ text: String) -> [Effect] {
    let editor: TextEditor
    switch keyContext {
    case .form: editor = signIn[signIn.field]
    case .input: editor = chat.editor
    case .contacts, .switcher, .help, .confirmation, .query, .hits, .dialog, .sessions, .messages,
      .viewer:
      editor = TextEditor()
    }
    guard editor.hasRoom(for: text) else { return show(strings.pasteTooLong, isProblem: true) }
    return type(text) + inspectPaste(text)
  }

  private mutating func edit(_ edit: Edit) -> [Effect] {
    switch keyContext {
    case .form:
      guard !isFormSent else { return [] }
      signIn[signIn.field].perform(edit)
      signIn.progress = .editing
      return []
    case .input:
      chat.editor.perform(edit)
      return draftChanged()
    case .switcher: return changePattern { $0.perform(edit) }
    case .query: return changeQuery { $0.perform(edit) }
    case .dialog: return changeDialogField { $0.perform(edit) }
    case .contacts, .help, .confirmation, .hits, .sessions, .messages, .viewer: return []
    }
  }

  /// After every change of the text being written: keep it soon, and tell the other side.
  mutating func draftChanged() -> [Effect] {
    guard let open = chat.open else { return [] }
    var effects: [Effect] = []
    chat[open].isDraftDirty = true
    if !chat.isDraftTimerRunning {
      chat.isDraftTimerRunning = true
      effects.append(.schedule(.draft, afterMilliseconds: Self.draftMilliseconds))
    }
    let conversation = chat[open]
    guard isOnline, let id = conversation.id, !conversation.draft.isEmpty,
      conversation.draft.characters.first != "/",
      conversation.typingSentAt.map({ now.milliseconds(since: $0) >= 3000 }) ?? true
    else { return effects }
    chat[open].typingSentAt = now
    return effects + [.typing(id)]
  }

  /// How much of what is typed a crash may take.
  private static let draftMilliseconds: Int64 = 400

  mutating func resize(to size: Size) {
    self.size = size
    guard screen == .chat, !ScreenLayout.isTooSmall(size) else { return }
    select(chat.contacts.selection)
    // A bigger pane may reach the bottom by itself.
    if let open = chat.open, let pane = messagePane { chat[open].scroll = pane.scrolled(up: 0) }
  }
}
