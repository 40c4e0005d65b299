import MartletProtocol

extension AppState {
  mutating func perform(_ command: MessageCommand) -> [Effect] {
    switch command {
    case .older: moveInMessages(by: -1)
    case .newer: moveInMessages(by: 1)
    case .pageOfOlder: moveInMessages(by: -max(1, messageRows / 3))
    case .pageOfNewer: moveInMessages(by: max(1, messageRows / 3))
    case .oldest: moveInMessages(by: -.max)
    case .newest: moveInMessages(by: .max)
    case .leave: leaveMessages()
    case .activate: return activate()
    case .copy: return copySelected()
    case .save: return use(.save(as: nil))
    case .open: return use(.open)
    case .view: return use(.view)
    case .play: return use(.play)
    case .retry: return retrySelected()
    case .cancel: return cancelSelected()
    }
    return []
  }

  /// Up on an empty input: the newest message is selected. `false` when there is none.
  @discardableResult
  mutating func enterMessages() -> Bool {
    guard let open = chat.open, let newest = messagePane?.selection(from: nil, by: 0) else {
      return false
    }
    select(newest, in: open)
    return true
  }

  /// Selects a message, in message mode from here on.
  mutating func select(_ message: ScrollAnchor, in target: Target) {
    let before = chat.messageMode?.scrollBefore ?? chat[target].scroll
    chat.focus = .messages(MessageMode(selected: message, scrollBefore: before))
    revealSelected()
  }

  /// Goes back to the input, and to where the pane was.
  mutating func leaveMessages() {
    guard let mode = chat.messageMode, let open = chat.open else { return }
    chat.focus = .input
    chat[open].scroll = mode.scrollBefore
    // What the place was held by may be gone, or elsewhere in a pane of another size.
    if let pane = messagePane { chat[open].scroll = pane.scrolled(up: 0) }
  }

  /// Keeps the selected message on the screen, whatever else has come or changed size; leaves message
  /// mode when the message is gone.
  mutating func revealSelected() {
    guard let mode = chat.messageMode, let open = chat.open else { return }
    guard let pane = messagePane else { return }
    guard let scroll = pane.position(revealing: mode.selected) else { return leaveMessages() }
    chat[open].scroll = scroll
  }

  private mutating func moveInMessages(by step: Int) {
    guard let mode = chat.messageMode, let open = chat.open else { return }
    if step < 0 {
      chat[open].clearedThrough = nil
      chat[open].requestFailed = false
    }
    guard let next = messagePane?.selection(from: mode.selected, by: step) else { return }
    select(next, in: open)
    guard next == mode.selected else { return }
    // Down from the newest one is back where the text is written; at the oldest one held, the row
    // above it shows whether there is more.
    if step == 1 {
      leaveMessages()
    } else if step < 0, let pane = messagePane {
      chat[open].scroll = pane.scrolled(up: 1)
    }
  }

  /// The stored message that is selected.
  var selectedMessage: Message? {
    guard case .message(let sequence)? = chat.messageMode?.selected,
      let timeline = chat.openConversation?.timeline, case let place = timeline.index(of: sequence),
      place.isHeld
    else { return nil }
    return timeline.messages[place.index]
  }

  /// The file that keys and commands act on: the selected message's, or, with none selected, the newest
  /// one in the conversation.
  var chosenAttachment: Attachment? {
    if case .viewer(let viewer) = overlay { return viewer.attachment }
    if chat.messageMode != nil { return selectedMessage?.attachment }
    return chat.openConversation?.timeline.messages.last { $0.attachment != nil }?.attachment
  }

  private mutating func activate() -> [Effect] {
    switch selectedMessage?.attachment?.kind {
    case .image: return use(.view)
    case .audio: return use(.play)
    case nil:
      leaveMessages()
      return []
    }
  }

  private mutating func copySelected() -> [Effect] {
    let text: String
    switch chat.messageMode?.selected {
    case .message:
      guard let message = selectedMessage else { return [] }
      text = message.text.isEmpty ? message.attachment?.name ?? "" : message.text
    case .pending(let key):
      guard let message = chat.pending(key)?.message else { return [] }
      text = message.text.isEmpty ? message.fileName ?? "" : message.text
    case .top, .end, nil: return []
    }
    return [.copy(text)] + show(strings.files.copied)
  }
}
