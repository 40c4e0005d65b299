import MartletProtocol

// Clearing a conversation for all its members.
extension AppState {
  /// Why there is nothing to ask about, if there is not.
  func problemOfClearing() -> String? {
    guard let conversation = chat.openConversation else { return strings.chooseContact }
    let timeline = conversation.timeline
    let hasMessages = conversation.id != nil && timeline.newestKnown > timeline.cleared
    return hasMessages ? nil : strings.nothingToClear
  }

  mutating func askToClear() -> [Effect] {
    guard let open = chat.open, let id = chat[open].id else { return [] }
    let name = chat.openContact.flatMap { chat.contacts[$0]?.user.name } ?? "#\(id)"
    overlay = .clearing(ClearingState(conversation: id, name: name))
    return []
  }

  /// Enter: only a whole yes clears; anything else keeps everything.
  mutating func answerClearing(_ clearing: ClearingState) -> [Effect] {
    guard !clearing.isUnderWay else { return [] }
    let answer = clearing.answer.text.searchFolded.filter { !$0.isWhitespace }
    guard strings.clearingAnswers.contains(answer) else { return closeOverlay() }
    var clearing = clearing
    clearing.problem = isOnline ? nil : strings.connectionLost
    clearing.isUnderWay = isOnline
    overlay = .clearing(clearing)
    return isOnline ? [.clearHistory(clearing.conversation)] : []
  }

  mutating func clearFailed(
    _ conversation: ConversationID, _ failure: RequestFailure
  ) -> [Effect] {
    guard case .clearing(var clearing) = overlay, clearing.conversation == conversation else {
      return show(strings.explain(failure), isProblem: true)
    }
    clearing.isUnderWay = false
    clearing.problem = strings.explain(failure)
    overlay = .clearing(clearing)
    return []
  }

  mutating func historyCleared(
    _ conversation: ConversationID, through sequence: MessageSequence
  ) -> [Effect] {
    if case .clearing(let clearing) = overlay, clearing.conversation == conversation {
      overlay = nil
    }
    chat.unstored.noteCleared(conversation, through: sequence)
    guard let target = chat.filing(of: .conversation(conversation)) else { return reload() }
    clear(target, through: sequence)
    guard target != chat.open, case .user(let user) = target, let entry = chat.contacts[user]
    else { return show(strings.historyCleared) + [.scrubSaved] }
    return show(strings.historyClearedWith(entry.user.name)) + [.scrubSaved]
  }

  /// Takes everything up to a message out of the conversation, the counts and the hits.
  mutating func clear(_ target: Target, through sequence: MessageSequence) {
    guard sequence > .none else { return }
    if let conversation = chat.conversations[target] {
      if sequence > conversation.timeline.cleared {
        forgetFiles(of: conversation.timeline.messages.prefix { $0.sequence <= sequence })
      }
      chat[target].clear(through: sequence)
    }
    dropHits(in: target, through: sequence)
    guard case .user(let contact) = target, let entry = chat.contacts[contact],
      sequence > entry.clearedSequence
    else { return }
    let held = chat.conversations[target]?.unread(after: sequence, by: user?.id)
    chat.contacts.update(entry.user) { entry in
      entry.clearedSequence = sequence
      let left = max(0, entry.lastSequence.rawValue - sequence.rawValue)
      entry.unread = min(entry.unread, Int(left), held ?? .max)
      entry.lastSequence = max(entry.lastSequence, sequence)
      entry.readSequence = max(entry.readSequence, sequence)
    }
  }
}
