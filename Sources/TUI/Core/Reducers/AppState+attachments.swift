import MartletProtocol

extension AppState {
  mutating func apply(_ action: AttachmentAction, _ environment: Environment) -> [Effect] {
    switch action {
    case .inspected(let path, let purpose, let result):
      return inspected(path, purpose, result, environment)
    case .directoryListed(let input, let entries): return completePath(input, among: entries)

    case .uploadBegan(let key, let id):
      chat.updatePending(key) { $0.updateFile { $0.upload = id } }
      return saveOutbox()
    case .uploadAdvanced(let key, let bytes):
      chat.updatePending(key) { [now] pending in
        guard case .uploading(var meter) = pending.delivery else { return }
        meter.note(bytes, at: now)
        pending.delivery = .uploading(meter)
      }
      return []
    case .uploadFinished(let key, let attachment):
      chat.updatePending(key) { pending in
        guard case .local(let file) = pending.message.file else { return }
        pending.message.file = .uploaded(attachment, of: file)
        pending.delivery = .queued
      }
      return saveOutbox()
    case .uploadFailed(let key, let failure):
      // Without a connection it is no news, and goes on when there is one.
      let waits = failure == .interrupted && !isOnline
      chat.updatePending(key) { $0.delivery = waits ? .queued : .stopped(failure) }
      return []

    case .downloadAdvanced(let id, let bytes):
      chat.downloads.note(id, bytes: bytes, at: now)
      return []
    case .downloadFinished(let id, let path): return downloaded(id, path)
    case .downloadFailed(let id, let failure): return downloadFailed(id, failure)

    case .saved(_, .success(let path)): return show(strings.files.savedTo(path))
    case .saved(_, .failure(let problem)):
      return show(strings.files.cannotSave(strings.explain(problem)), isProblem: true)
    case .openerMissing(let program):
      return show(strings.files.openerMissing(program), isProblem: true)
    case .openerFailed(let program):
      return show(strings.files.openerFailed(program), isProblem: true)
    case .pictureDrawn(let id, let request, let result):
      pictureDrawn(id, request, result)
      return []

    case .playerStarted(let id, let program):
      guard chat.playing?.attachment.id == id else { return [] }
      chat.playing?.program = program
      return show(strings.files.playingWith(program))
    case .playerEnded(let id, let end): return playerEnded(id, end)
    }
  }

  /// Starts uploads that wait, a few at a time.
  mutating func startUploads() -> [Effect] {
    guard isOnline else { return [] }
    return chat.takeNextToUpload().map { .attachments(.upload($0.key, $0.file)) }
  }

  // MARK: Receiving

  /// Does something with the file of the selected message.
  mutating func use(_ use: DownloadsState.Use) -> [Effect] {
    guard let attachment = chosenAttachment else {
      return show(strings.files.noAttachment, isProblem: true)
    }
    return self.use(attachment, for: use)
  }

  private mutating func use(_ attachment: Attachment, for use: DownloadsState.Use) -> [Effect] {
    switch use {
    case .save: break
    case .open:
      // What the desktop would do with a file of another kind is not for its sender to say.
      guard attachment.format != nil else {
        return show(strings.files.notOpened, isProblem: true)
      }
    case .view:
      guard attachment.kind == .image else { return show(strings.files.noPicture, isProblem: true) }
      overlay = .viewer(ViewerState(attachment: attachment))
    case .play:
      guard attachment.kind == .audio else { return show(strings.files.noSound, isProblem: true) }
      if chat.playing?.attachment.id == attachment.id { return stopPlaying() }
      chat.playing = Playing(attachment: attachment)
    }
    var effects: [Effect] = []
    if chat.downloads.want(attachment, for: use) {
      effects.append(.attachments(.download(attachment)))
    }
    // At once: a player that is streamed to starts with the first bytes.
    if case .play = use { effects.append(.attachments(.play(attachment))) }
    return effects
  }

  private mutating func downloaded(_ id: AttachmentID, _ path: String) -> [Effect] {
    guard let download = chat.downloads.end(id) else { return [] }
    return download.uses.flatMap { use -> [Effect] in
      switch use {
      case .save(let name):
        let name = SafeFileName.name(for: download.attachment, wanted: name)
        return [.attachments(.save(id, path: path, name: name))]
      case .open: return [.attachments(.open(path: path))]
      case .view: return drawPicture(of: id, at: path)
      case .play: return []
      }
    }
  }

  private mutating func downloadFailed(_ id: AttachmentID, _ failure: TransferFailure) -> [Effect] {
    guard chat.downloads.end(id, failure: failure) != nil else { return [] }
    if case .viewer(var viewer) = overlay, viewer.attachment.id == id {
      viewer.stage = .failed(.transfer(failure))
      overlay = .viewer(viewer)
      return []
    }
    return show(strings.explain(failure), isProblem: true)
  }

  // MARK: Playing

  mutating func stopPlaying() -> [Effect] {
    guard let playing = chat.playing else { return show(strings.files.nothingPlays) }
    chat.playing = nil
    return [.attachments(.stopPlaying)] + show(strings.files.stopped(playing.attachment.name))
  }

  private mutating func playerEnded(_ id: AttachmentID, _ end: PlayerEnd) -> [Effect] {
    guard chat.playing?.attachment.id == id else { return [] }
    chat.playing = nil
    switch end {
    case .finished: return []
    case .failed(let program): return show(strings.files.playerFailed(program), isProblem: true)
    case .missing(let programs):
      let names = programs.prefix(3).joined(separator: ", ")
      return show(strings.files.playerMissing(names), isProblem: true)
    }
  }

  // MARK: Giving up

  /// Lets go of the files of messages that were cleared, on the screen at once and in the shell with
  /// ``forgetClearedFiles()``.
  mutating func forgetFiles(of messages: some Sequence<Message>) {
    chat.clearedFiles = chat.clearedFiles ?? []
    // No key path: the address sanitizer finds the standard library's copying from one optional to the
    // next to overlap (Swift 6.3).
    for id in messages.compactMap({ $0.attachment?.id }) {
      _ = chat.downloads.end(id)
      if chat.playing?.attachment.id == id { chat.playing = nil }
      if case .viewer(let viewer) = overlay, viewer.attachment.id == id { overlay = nil }
      chat.clearedFiles?.append(id)
    }
  }

  mutating func forgetClearedFiles() -> [Effect] {
    guard let files = chat.clearedFiles else { return [] }
    chat.clearedFiles = nil
    return [.attachments(.forget(files))]
  }

  /// Ends the transfer of the selected message, or takes it back before it is sent.
  mutating func cancelSelected() -> [Effect] {
    switch chat.messageMode?.selected {
    case .pending(let key):
      guard let pending = chat.pending(key), let open = chat.open else { break }
      guard pending.delivery != .sent else { return show(strings.isOnItsWay, isProblem: true) }
      return discard([pending.message], in: open)
    case .message:
      guard let id = selectedMessage?.attachment?.id, chat.downloads.end(id) != nil else { break }
      let isPlayed = chat.playing?.attachment.id == id
      if isPlayed { chat.playing = nil }
      return [.attachments(.cancelDownload(id))]
        + (isPlayed ? [.attachments(.stopPlaying)] : []) + show(strings.files.transferCancelled)
    case .top, .end, nil: break
    }
    return show(strings.files.noTransfer, isProblem: true)
  }
}
