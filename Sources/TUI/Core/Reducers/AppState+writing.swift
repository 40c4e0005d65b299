import MartletProtocol

extension AppState {
  mutating func performOnInput(_ command: Command, _ environment: Environment) -> [Effect] {
    switch command {
    case .send: return enter(environment)
    case .complete: return complete()
    case .lineUp: return moveLine(up: true)
    case .lineDown: return moveLine(up: false)
    case .leftOrContacts:
      if chat.editor.isEmpty { focusContacts() } else { chat.editor.perform(.left) }
    case .lineEndOrBottom:
      let before = chat.editor.caret
      chat.editor.perform(.lineEnd)
      if chat.editor.caret == before, let open = chat.open { chat[open].scroll = .bottom }
    case .back: focusContacts()
    case .pageUp: scroll(up: max(1, messageRows - 1))
    case .pageDown: scroll(up: -max(1, messageRows - 1))
    case .firstUnread: showFirstUnread()
    case .retryFailed: return retryFailed()
    case .discardFailed: return discardFailed()
    default: break
    }
    return []
  }

  /// What Enter makes of the text: a message or a command.
  private mutating func enter(_ environment: Environment) -> [Effect] {
    let text = chat.editor.text
    chat.completion = nil
    switch InputLine(text) {
    case .text(let text): return send(text, environment)
    case .command(.send, let arguments): return beginSending(arguments, input: text)
    case .command(let command, let arguments):
      // The text stays, to be corrected or to be tried again.
      if let problem = problem(with: command, arguments) {
        return show(problem, isProblem: true)
      }
      clearInput(remembering: text)
      return draftChanged() + run(command, arguments, environment)
    case .unknown(let name, let nearest):
      // The text stays, to be corrected.
      let words = nearest.map { strings.didYouMean(name, $0.name) } ?? strings.unknownCommand(name)
      return show(words, isProblem: true)
    }
  }

  private mutating func clearInput(remembering text: String) {
    chat.editor.replace(with: "")
    if let open = chat.open { chat[open].history.add(text) }
  }

  /// Puts a message into the open conversation and into the outbox. It is seen at once; its place comes
  /// with the answer.
  ///
  /// - Parameter draft: What is left in the input.
  private mutating func send(
    _ text: String, leaving draft: String = "", _ environment: Environment
  ) -> [Effect] {
    guard let open = chat.open else {
      return text.isEmpty ? [] : show(strings.chooseContact, isProblem: true)
    }
    let normalized: String
    do {
      normalized = try MessageText.normalized(text, limits: limits)
    } catch {
      guard error.code != .emptyText else { return [] }
      return show(strings.explain(RequestFailure.refused(error)), isProblem: true)
    }
    let message = OutgoingMessage(
      target: open, key: environment.makeKey(), text: normalized, writtenAt: now)
    clearInput(remembering: draft.isEmpty ? chat.editor.text : text)
    chat.editor.replace(with: draft)
    chat.enqueue(message, in: open)
    chat[open].scroll = .bottom
    chat[open].typingSentAt = nil
    chat[open].isDraftDirty = true
    // Kept before it is sent: a crash between the two must not lose it. And what was the draft is gone
    // with the same stroke: a crash must not leave it to be sent a second time.
    return saveOutbox(with: takeDirtyDrafts()) + (isWaitingToConnect ? [.reconnect] : [])
  }

  /// Whether the client lets time pass before it tries again: whoever writes is not made to wait.
  var isWaitingToConnect: Bool {
    if case .waiting = connection { true } else { false }
  }

  mutating func run(
    _ command: SlashCommand, _ arguments: String, _ environment: Environment
  ) -> [Effect] {
    switch command {
    case .help:
      help = HelpState(context: .input)
      return []
    case .msg: return message(arguments, environment)
    case .clear:
      guard let open = chat.open else { return [] }
      chat[open].clearedThrough = chat[open].timeline.last
      chat[open].scroll = .bottom
      return show(strings.cleared)
    case .search: return search(arguments)
    case .clearHistory: return askToClear()
    case .sessions: return openSessions()
    case .send: return []
    case .save: return use(.save(as: arguments.isEmpty ? nil : arguments))
    case .open: return use(.open)
    case .view: return use(.view)
    case .play: return use(.play)
    case .stop: return stopPlaying()
    case .passwd:
      overlay = .password(PasswordState())
      return []
    case .reconnect: return [.reconnect]
    case .logout: return saveDrafts() + [.logout]
    case .quit: return leave() + [.quit]
    }
  }

  /// Why a command cannot be run, if it cannot.
  private func problem(with command: SlashCommand, _ arguments: String) -> String? {
    switch command {
    case .msg:
      let name = arguments.prefix { !$0.isWhitespace }
      guard !name.isEmpty else { return strings.messageNeedsName }
      return chat.contacts.find(String(name)) == nil ? strings.nobodyNamed(String(name)) : nil
    case .search: return problemOfSearch(arguments)
    case .clearHistory: return problemOfClearing()
    case .help, .clear, .sessions, .passwd, .reconnect, .logout, .quit, .send, .save, .open, .view,
      .play, .stop:
      return nil
    }
  }

  private mutating func message(_ arguments: String, _ environment: Environment) -> [Effect] {
    let name = arguments.prefix { !$0.isWhitespace }
    let text = arguments.dropFirst(name.count).drop(while: \.isWhitespace)
    guard let user = chat.contacts.find(String(name)) else { return [] }
    let effects = open(.user(user))
    guard !text.isEmpty else { return effects }
    // A draft that waited in that conversation is not sent along, nor lost.
    return effects + send(String(text), leaving: chat.editor.text, environment)
  }

  /// Tab: completes the command, the name behind `/msg` or the path behind `/send`; again, the next
  /// that fits.
  private mutating func complete() -> [Effect] {
    let text = chat.editor.text
    if var completion = chat.completion, completion.candidates.indices.contains(completion.index),
      completion.candidates[completion.index] == text
    {
      completion.index = (completion.index + 1) % completion.candidates.count
      chat.completion = completion
      chat.editor.replace(with: completion.candidates[completion.index])
      return draftChanged()
    }
    if let effects = requestPaths(for: text) { return effects }
    let candidates = self.candidates(for: text)
    guard let first = candidates.first else { return [] }
    chat.completion = Completion(candidates: candidates, index: 0)
    chat.editor.replace(with: first)
    return draftChanged()
  }

  private func candidates(for text: String) -> [String] {
    let prefix = "/\(SlashCommand.msg.name) "
    if text.hasPrefix(prefix) {
      return chat.contacts.names(startingWith: String(text.dropFirst(prefix.count)), limit: 50)
        .map { prefix + $0 + " " }
    }
    return SlashCommand.matching(text).map { "/\($0.name) " }
  }

  /// Moves the caret by a row of the draft; beyond its edge goes through the history of what was sent,
  /// and with nothing written scrolls.
  private mutating func moveLine(up: Bool) -> [Effect] {
    guard !chat.editor.isEmpty else {
      if !up || !enterMessages() { scroll(up: up ? 1 : -1) }
      return []
    }
    let columns = layout(for: size).input?.columns ?? size.columns
    let draft = DraftLayout(chat.editor, columns: columns, metrics: metrics)
    let row = draft.caret.row + (up ? -1 : 1)
    if draft.wrapped.rows.indices.contains(row) {
      let place = WrappedText.Place(row: row, column: draft.caret.column)
      chat.editor.moveCaret(to: draft.wrapped.position(at: place))
      return []
    }
    guard let open = chat.open else { return [] }
    let text = chat.editor.text
    let entry = up ? chat[open].history.previous(current: text) : chat[open].history.next()
    guard let entry else { return [] }
    chat.editor.replace(with: entry)
    return draftChanged()
  }
}
