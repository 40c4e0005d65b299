import MartletProtocol

/// The last row: a notice while there is one, else the most useful keys, and the unread total.
struct KeyBarView {
  let state: AppState

  func draw(on canvas: inout Canvas, row: Int) {
    let columns = canvas.size.columns
    let unread = state.chat.contacts.unreadTotal
    var end = columns
    if unread > 0, state.screen == .chat {
      let text = "\(state.strings.unread(unread)) "
      end = max(0, columns - state.metrics.width(of: text))
      canvas.write(text, at: Position(row: row, column: end), style: Style(.attention, .bold))
    }
    if let notice = state.notice {
      canvas.write(
        state.metrics.truncated(" \(notice.text)", to: end - 1), at: Position(row: row, column: 0),
        limit: end, style: Style(notice.isProblem ? .negative : .attention))
      return
    }
    var column = 1
    for (command, label) in entries {
      guard let key = key(for: command) else { continue }
      let width = state.metrics.width(of: "\(key) \(label)")
      guard column + width < end else { break }
      column = canvas.write(
        key, at: Position(row: row, column: column), style: Style(.standard, .bold))
      column = canvas.write(
        " \(label)  ", at: Position(row: row, column: column), limit: end, style: Style(.muted))
    }
  }

  /// The key as bound at the moment, so that the bar cannot disagree with the keymap.
  private func key(for command: Command) -> String? {
    state.keymap.bindings(in: state.keyContext).first { $0.command == command }?.keys.first?.name
  }

  private var openHitLabel: String {
    if case .everywhere = state.overlay { return state.strings.barOpen }
    return state.chat.search?.stage == .context ? state.strings.barHits : state.strings.barContext
  }

  /// What can be done with the selected message.
  private var messageEntries: [(Command, String)] {
    let files = state.strings.files
    var entries: [(Command, String)] = []
    switch state.chosenAttachment?.kind {
    case .image: entries.append((.message(.view), files.barView))
    case .audio:
      let isPlaying = state.chat.playing?.attachment.id == state.chosenAttachment?.id
      entries.append((.message(.play), isPlaying ? files.barStop : files.barPlay))
    case nil: break
    }
    if state.chosenAttachment != nil {
      entries += [
        (.message(.save), files.barSave), (.message(.open), state.strings.barOpen),
      ]
    }
    if case .pending(let key) = state.chat.messageMode?.selected,
      let pending = state.chat.pending(key)
    {
      if state.canRetry(pending) { entries.append((.message(.retry), files.barRetry)) }
      if pending.delivery != .sent {
        let isTransferred = if case .local = pending.message.file { true } else { false }
        entries.append(
          (.message(.cancel), isTransferred ? state.strings.barCancel : files.barRemove))
      }
    } else if let id = state.chosenAttachment?.id, state.chat.downloads[id] != nil {
      entries.append((.message(.cancel), state.strings.barCancel))
    }
    return entries + [
      (.message(.copy), files.barCopy), (.message(.leave), state.strings.barBack),
      (.help, state.strings.barHelp),
    ]
  }

  private var entries: [(Command, String)] {
    let strings = state.strings
    switch state.keyContext {
    case .form:
      let isSigningIn = state.signIn.mode == .signIn
      return [
        (.submit, isSigningIn ? strings.barSignIn : strings.barRegister),
        (.nextField, strings.barNext),
        (.toggleRegistration, isSigningIn ? strings.barRegister : strings.barSignIn),
        (.help, strings.barHelp), (.quit, strings.barQuit),
      ]
    case .input:
      return [
        (.send, strings.barSend), (.complete, strings.barComplete), (.help, strings.barHelp),
        (.nextUnread, strings.barNextUnread), (.switcher, strings.barSwitcher),
        (.search, strings.barSearch), (.toggleContacts, strings.barContacts),
      ]
    case .contacts:
      return [
        (.openSelected, strings.barOpen), (.help, strings.barHelp),
        (.nextUnread, strings.barNextUnread), (.switcher, strings.barSwitcher),
        (.quit, strings.barQuit),
      ]
    case .help:
      return [(.scrollHelpDown, strings.barScroll), (.close, strings.barClose)]
    case .switcher:
      return [(.switchToSelected, strings.barOpen), (.close, strings.barClose)]
    case .query:
      return [
        (.runSearch, strings.barRun), (.closeSearch, strings.barBack), (.help, strings.barHelp),
      ]
    case .hits:
      return [
        (.openHit, openHitLabel), (.olderHit, strings.barOlder), (.newerHit, strings.barNewer),
        (.closeSearch, strings.barBack),
        (.editQuery, strings.barEditQuery), (.help, strings.barHelp),
      ]
    case .dialog:
      if case .trust(let trust) = state.overlay, trust.fingerprint == nil {
        return [(.submitDialog, strings.trust.barRetry), (.close, strings.barClose)]
      }
      return [(.submitDialog, strings.barConfirm), (.close, strings.barCancel)]
    case .sessions:
      return [
        (.nextSession, strings.barSelect), (.revokeSession, strings.barRevoke),
        (.closeSessions, strings.barClose),
      ]
    case .messages: return messageEntries
    case .viewer:
      return [
        (.close, strings.barClose), (.message(.save), strings.files.barSave),
        (.message(.open), strings.barOpen), (.help, strings.barHelp),
      ]
    case .confirmation:
      if case .sendFile = state.overlay {
        return [(.confirm, strings.barSend), (.close, strings.barCancel)]
      }
      return [(.confirm, strings.barQuit), (.close, strings.barCancel)]
    }
  }
}
