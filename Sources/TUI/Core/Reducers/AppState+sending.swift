import MartletProtocol

extension AppState {
  /// `/send PATH`: the file is looked at first, and the text stays until it is found fit.
  mutating func beginSending(_ arguments: String, input: String) -> [Effect] {
    guard chat.open != nil else { return show(strings.chooseContact, isProblem: true) }
    guard let path = PathText.path(typed: arguments) else {
      return show(strings.files.sendNeedsPath, isProblem: true)
    }
    return [.attachments(.inspect(path: absolute(path), .send(input: input)))]
  }

  /// Has a look at the file whose path was pasted into the input, if it was one. Until the user has
  /// said that it is to be sent, it is a text.
  func inspectPaste(_ text: String) -> [Effect] {
    guard keyContext == .input, chat.open != nil, let path = PathText.path(pasted: text),
      AttachmentFormat(fileName: path) != nil
    else { return [] }
    return [.attachments(.inspect(path: absolute(path), .paste(text: text)))]
  }

  mutating func inspected(
    _ path: String, _ purpose: InspectionPurpose, _ result: Result<LocalFile, FileProblem>,
    _ environment: Environment
  ) -> [Effect] {
    let checked = result.mapError { Refusal(strings.explain($0)) }.flatMap(check)
    switch purpose {
    case .send(let input):
      guard let open = chat.open, chat.editor.text == input else { return [] }
      switch checked {
      case .failure(let words): return show(words.text, isProblem: true)
      case .success(let file):
        chat.editor.replace(with: "")
        chat[open].history.add(input)
        return draftChanged() + send(file, to: open, environment)
      }
    case .paste(let text):
      // Whoever has gone on to something else is not interrupted.
      guard keyContext == .input, let open = chat.open, chat.editor.isCaretBehind(text) else {
        return []
      }
      switch (checked, result) {
      case (.success(let file), _):
        overlay = .sendFile(SendQuestion(file: file, target: open, text: text))
        return []
      // It is a file, and the user will want to know why it is not sent.
      case (.failure(let words), .success): return show(words.text, isProblem: true)
      case (.failure, .failure): return []
      }
    }
  }

  /// Yes to the question whether to send: its path is not wanted as a text, then.
  mutating func confirmSending(_ question: SendQuestion, _ environment: Environment) -> [Effect] {
    overlay = nil
    chat[question.target].draft.removeBeforeCaret(question.text)
    return draftChanged() + send(question.file, to: question.target, environment)
  }

  /// Puts a file into a conversation. It is seen at once; the message goes out when the server has
  /// the file.
  private mutating func send(
    _ file: LocalFile, to target: Target, _ environment: Environment
  ) -> [Effect] {
    let message = OutgoingMessage(
      target: target, key: environment.makeKey(), text: "", writtenAt: now, file: .local(file))
    chat.enqueue(message, in: target)
    chat[target].scroll = .bottom
    return saveOutbox()
  }

  /// Everything that can be known before a byte is sent.
  private func check(_ file: LocalFile) -> Result<LocalFile, Refusal> {
    guard let format = AttachmentFormat(fileName: file.name) else {
      return .failure(Refusal(strings.files.formatNotAllowed))
    }
    guard file.size > 0 else { return .failure(Refusal(strings.files.fileEmpty)) }
    let limit = limits.attachmentBytes(of: format.kind)
    guard file.size <= limit else {
      let (size, most) = (ByteCount.text(file.size, roundingUp: true), ByteCount.text(limit))
      return .failure(
        Refusal(
          format.kind == .image
            ? strings.files.imageTooLarge(size, most) : strings.files.audioTooLarge(size, most)))
    }
    var file = file
    file.name = SafeFileName.sent(file.name)
    return .success(file)
  }

  /// Why a file is not sent, in the user's words.
  private struct Refusal: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private func absolute(_ path: String) -> String {
    PathText.absolute(
      path, home: configuration.homeDirectory, workingDirectory: configuration.workingDirectory)
  }

  // MARK: Completion

  /// Tab behind `/send `: asks for what is in the directory.
  func requestPaths(for text: String) -> [Effect]? {
    guard let typed = Self.typedPath(in: text) else { return nil }
    let completion = PathCompletion(typed)
    let directory = completion.directory.isEmpty ? "." : completion.directory
    return [.attachments(.listDirectory(path: absolute(directory), input: text))]
  }

  mutating func completePath(_ input: String, among entries: [DirectoryEntry]) -> [Effect] {
    guard chat.editor.text == input, let typed = Self.typedPath(in: input) else { return [] }
    let completion = PathCompletion(typed)
    let prefix = "/\(SlashCommand.send.name) "
    if let common = completion.commonStart(among: entries) {
      chat.editor.replace(with: prefix + common)
      return draftChanged()
    }
    let candidates = completion.candidates(among: entries).map { prefix + $0 }
    guard let first = candidates.first else { return show(strings.files.noFileFits) }
    chat.editor.replace(with: first)
    // A single one is done with: the next Tab looks into it if it is a directory.
    chat.completion = candidates.count > 1 ? Completion(candidates: candidates, index: 0) : nil
    return draftChanged()
  }

  private static func typedPath(in text: String) -> Substring? {
    let prefix = "/\(SlashCommand.send.name) "
    return text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : nil
  }
}
