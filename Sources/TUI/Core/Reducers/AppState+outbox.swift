import MartletProtocol

extension AppState {
  /// Sends what may go out, now that there is a session.
  mutating func sendQueued() -> [Effect] {
    isOnline ? chat.takeNextToSend().map(Effect.send) : []
  }

  mutating func messageStored(_ key: IdempotencyKey, _ reply: SendMessage.Reply) -> [Effect] {
    guard let user, reply.sequence > .none, let target = chat.outbox[key],
      let pending = chat.conversations[target]?.pending.first(where: { $0.message.key == key })
    else { return [] }
    chat.take(
      Message(
        conversation: reply.conversation, sequence: reply.sequence, sender: user.id,
        sentAt: reply.sentAt, key: key, text: pending.message.text,
        attachment: pending.message.attachment), in: target, isOwn: true)
    noteActivity(in: target, at: reply.sentAt, sequence: reply.sequence)
    return saveOutbox()
  }

  mutating func messageFailed(_ key: IdempotencyKey, _ failure: RequestFailure) -> [Effect] {
    var delay: Int64?
    chat.updatePending(key) { pending in
      guard pending.delivery == .sent else { return }
      // What was sent too long ago to be kept without a message is sent again.
      if case .refused(let error) = failure, error.code == .unknownAttachment,
        case .uploaded(_, of: var file?) = pending.message.file,
        pending.deferrals < Self.maximumDeferrals
      {
        file.upload = nil
        pending.message.file = .local(file)
        pending.delivery = .queued
        pending.deferrals += 1
        return
      }
      if case .refused(let error) = failure,
        !failure.isPassing || pending.deferrals >= Self.maximumDeferrals
      {
        pending.delivery = .failed(error)
        return
      }
      // Or nobody knows whether it was stored: asking again under the same key finds out.
      pending.delivery = .deferred
      delay = Self.delay(after: failure, times: pending.deferrals)
      pending.deferrals += 1
    }
    return delay.map { scheduleRetry(afterMilliseconds: $0) } ?? []
  }

  /// Alt-r: the failed messages of the open conversation go out again.
  mutating func retryFailed() -> [Effect] {
    guard let open = chat.open else { return [] }
    let failed = chat[open].pending.filter(\.hasFailed)
    guard !failed.isEmpty else { return show(strings.nothingFailed) }
    for pending in failed { chat.retry(pending.message.key) }
    return []
  }

  /// Alt-x: the failed messages of the open conversation will not be sent.
  mutating func discardFailed() -> [Effect] {
    guard let open = chat.open else { return [] }
    let failed = chat[open].pending.filter(\.hasFailed)
    guard !failed.isEmpty else { return show(strings.nothingFailed) }
    return discard(failed.map(\.message), in: open)
  }

  /// The selected message goes out again, or now instead of after a while.
  mutating func retrySelected() -> [Effect] {
    guard case .pending(let key)? = chat.messageMode?.selected, let pending = chat.pending(key),
      canRetry(pending)
    else { return show(strings.nothingFailed) }
    if pending.delivery == .queued { return [.reconnect] }
    chat.retry(key)
    return []
  }

  /// Whether a message has failed, or waits for a moment that may as well be now.
  func canRetry(_ pending: PendingMessage) -> Bool {
    switch pending.delivery {
    case .failed, .stopped, .deferred: true
    case .queued: isWaitingToConnect
    case .sent, .uploading: false
    }
  }

  /// Takes messages out of the outbox, their files out of the way to the server. The texts stay in the
  /// history of the input, to be called back.
  mutating func discard(_ messages: [OutgoingMessage], in target: Target) -> [Effect] {
    var effects: [Effect] = []
    for message in messages {
      chat.removePending(message.key)
      if case .local(let file) = message.file {
        effects.append(.attachments(.cancelUpload(message.key, file.upload)))
      }
      if !message.text.isEmpty { chat[target].history.add(message.text) }
    }
    return effects + saveOutbox() + show(strings.discarded(messages.count))
  }

  /// Keeps the outbox as it is now, and drafts that changed with it.
  func saveOutbox(with drafts: [Target: String] = [:]) -> [Effect] {
    guard let user else { return [] }
    return [.saveOutbox(user.id, chat.pendingMessages.map(\.message), drafts: drafts)]
  }

  /// How often a message that the server puts off is sent again before it counts as failed: for about
  /// four minutes when the server asks for a second.
  private static let maximumDeferrals = 9
}

extension AppState {
  /// Starts the one timer at whose end everything that failed for the moment is asked for again.
  mutating func scheduleRetry(afterMilliseconds delay: Int64) -> [Effect] {
    guard !isRetryTimerRunning else { return [] }
    isRetryTimerRunning = true
    return [.schedule(.retry, afterMilliseconds: delay)]
  }

  mutating func retryTimerFired() -> [Effect] {
    isRetryTimerRunning = false
    chat.requeueDeferred()
    if let open = chat.open { chat[open].requestFailed = false }
    chat.search?.results?.failure = nil
    return isOnline && chat.contacts.mustReload ? reload() : []
  }

  /// How long to leave the server alone: what it asked for, a second at the least, twice as long each
  /// time, up to a minute.
  static func delay(after failure: RequestFailure, times: Int = 0) -> Int64 {
    var wanted: Int64 = 1000
    if case .refused(let error) = failure { wanted = Int64(error.retryAfter ?? 0) }
    return min(max(1000, min(wanted, 60_000)) << Int64(min(max(0, times), 6)), 60_000)
  }
}
