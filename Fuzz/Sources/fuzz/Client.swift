import FoundationEssentials

@testable import MartletClient
@testable import MartletProtocol
@testable import TUICore

/// A client without sockets and terminal, in a conversation.
private struct Victim {
  private var state: AppState
  private var translator = SessionTranslator()
  private var keys: UInt64 = 0
  private static let now = Timestamp(milliseconds: 1_795_000_000_000)
  private static let start = started()

  private init() {
    state = AppState(
      configuration: Configuration(
        server: "fuzz", profile: "default", hasToken: true, language: .english,
        localTime: { time in
          let day = time.milliseconds / 86_400_000
          return LocalTime(
            year: 1970 + Int(day / 366), month: Int((day % 12 + 12) % 12) + 1, day: 1,
            weekday: Int((day % 7 + 7) % 7), hour: 0, minute: 0)
        }),
      size: Size(columns: 80, rows: 24))
  }

  private static func started() -> Victim {
    var victim = Victim()
    let (me, other) = (User(id: UserID(2), name: "me"), User(id: UserID(1), name: "李雷"))
    victim.translator.began(.token("x"))
    victim.receive(
      .connected(
        Hello.Reply(
          protocol: 1, server: "x", serverID: "x", epoch: 1, time: now, limits: Limits())))
    victim.receive(.resumed(Resume.Reply(session: SessionID(1), user: me, behind: [])))
    let summary = ConversationSummary(
      id: ConversationID(5), members: [UserID(1), UserID(2)], lastSequence: MessageSequence(40),
      readSequence: MessageSequence(40), unread: 0, lastMessage: nil)
    let contact = Contact(user: other, online: true, lastSeen: nil, conversation: summary)
    victim.apply(.contactsLoaded(.init(contacts: [contact], next: nil)))
    victim.apply(.input(.key(KeyEvent(.enter))))
    return victim
  }

  static func make() -> Victim { start }

  mutating func receive(_ event: ClientEvent) {
    for output in translator.translate(event, now: Self.now) {
      switch output {
      case .action(let action), .push(let action): apply(action)
      case .keepToken, .forgetToken, .greet, .doubt: break
      }
    }
  }

  mutating func apply(_ action: Action) {
    var next = keys
    let effects = state.apply(
      [action],
      Environment(now: Self.now) {
        next += 1
        return IdempotencyKey(high: 1, low: next)
      })
    keys = next
    expect(effects.count < 1000, "one action asks for little")
  }

  func draw() {
    let canvas = render(state, size: state.size)
    for row in 0..<canvas.size.rows {
      for cell in canvas.row(row) {
        for scalar in cell.glyph?.scalars ?? [] { expectHarmless(scalar) }
      }
    }
  }

  mutating func search() -> HitsPage? {
    apply(.input(.key(KeyEvent(.character("f"), .control))))
    apply(.input(.key(KeyEvent(.character("a")))))
    apply(.input(.key(KeyEvent(.enter))))
    return state.chat.search?.results?.request
  }
}

private func expectHarmless(_ scalar: Unicode.Scalar) {
  let isHarmful =
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
    case _: scalar.properties.isDefaultIgnorableCodePoint && scalar.value != 0x1160
    }
  expect(!isHarmful, "what is drawn does nothing to a terminal")
}

func fuzzPush(_ input: [UInt8]) {
  guard case .push(let push)? = try? ServerFrame(frame: Data(input)) else { return }
  guard case .push(push)? = try? ServerFrame(thoroughly: Data(input)) else {
    return expect(false, "what is read quickly is read the same")
  }
  var victim = Victim.make()
  victim.receive(.push(push))
  // Twice: what is known already, too.
  victim.receive(.push(push))
  victim.draw()
}

func fuzzReply(_ input: [UInt8]) {
  guard let first = input.first else { return }
  let frame = Data(input.dropFirst())
  guard let read = try? ServerFrame(frame: frame) else { return }
  if case .reply(let id) = read {
    guard case .reply(id)? = try? ServerFrame(thoroughly: frame) else {
      return expect(false, "what is read quickly is read the same")
    }
  }
  if case .failure(_, let error) = read {
    var victim = Victim.make()
    victim.apply(.contactsFailed(.refused(error)))
    victim.apply(.passwordChangeFailed(.refused(error)))
    victim.receive(.stopped(.refused(error)))
    return victim.draw()
  }
  let methods = ClientRequest.methods
  var victim = Victim.make()
  guard let action = action(for: frame, to: methods[Int(first) % methods.count], &victim) else {
    return
  }
  victim.apply(action)
  victim.apply(action)
  victim.draw()
}

private func action(for frame: Data, to method: String, _ victim: inout Victim) -> Action? {
  func read<Reply: Decodable>(_ type: Reply.Type) -> Reply? {
    try? WireCodec.decodeReply(frame, to: type)
  }
  let conversation = ConversationID(5)
  switch method {
  case Hello.method:
    return read(Hello.Reply.self).map { .greeted($0.limits, registration: $0.registration) }
  case RegisterAccount.method: return read(RegisterAccount.Reply.self).map { .registered($0.user) }
  case Login.method: return read(Login.Reply.self).map { .signedIn($0.user) }
  case Resume.method: return read(Resume.Reply.self).map { .resumed(behind: $0.behind) }
  case ListContacts.method: return read(ListContacts.Reply.self).map(Action.contactsLoaded)
  case FetchHistory.method:
    return read(FetchHistory.Reply.self).map {
      .historyLoaded(.conversation(conversation), .latest, $0)
    }
  case SendMessage.method:
    return read(SendMessage.Reply.self).map { .messageStored(IdempotencyKey(high: 1, low: 1), $0) }
  case SearchMessages.method:
    guard let reply = read(SearchMessages.Reply.self), let page = victim.search() else {
      return nil
    }
    return .hitsLoaded(page, reply)
  case SearchEverywhere.method:
    return read(SearchEverywhere.Reply.self).map { .groupsLoaded(query: "a", after: nil, $0) }
  case ClearHistory.method:
    return read(ClearHistory.Reply.self).map { .historyCleared(conversation, through: $0.sequence) }
  case ListSessions.method: return read(ListSessions.Reply.self).map(Action.sessionsLoaded)
  case WatchPresence.method: return read(WatchPresence.Reply.self).map(Action.presencesLoaded)
  default: return nil
  }
}

/// A script of answers, one a line: a status, a number or two, and a body or the range of one.
func fuzzTransfer(_ input: [UInt8]) {
  var upload = UploadState(size: 100)
  var download = DownloadState(size: 100)
  _ = upload.begin()
  _ = download.begin()
  for line in input.split(separator: 10).prefix(64) {
    let words = String(decoding: line, as: UTF8.self)
    let parts = words.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    let status = Int(parts.first ?? "") ?? 200
    let number = parts.dropFirst().first.flatMap { Int64($0) }
    let rest = parts.count > 2 ? String(parts[2]) : ""
    let answer = TransferAnswer(
      status: status, uploadOffset: number, uploadLength: nil, body: Data(rest.utf8))
    switch upload.answered(answer) {
    case .append(_, let offset): expect((0...100).contains(offset), "in the file")
    case .pause: _ = upload.resume()
    case .create, .ask, .finished, .failed: break
    }
    let range = DownloadState.Head.range(parsing: rest)
    if let range { expect(range.first >= 0 && range.first < range.total, "in the file") }
    do throws(TransferError) {
      if try download.accept(.init(status: status, range: range)) == nil {
        _ = download.refused(answer)
      } else {
        try download.received(Int(clamping: max(0, number ?? 1)))
      }
    } catch {
      return
    }
    expect((0...100).contains(download.offset), "in the file")
  }
}

func fuzzTerminal(_ input: [UInt8]) {
  var decoder = InputDecoder(table: [Array("\u{1B}[1~".utf8): KeyEvent(.home)])
  var events = 0
  var rest = input[...]
  while let length = rest.popFirst() {
    let piece = rest.prefix(Int(length) + 1)
    rest = rest.dropFirst(piece.count)
    events += decoder.decode(piece).count
    if length.isMultiple(of: 5) { events += decoder.timeOut().count }
  }
  events += decoder.timeOut().count
  expect(events <= input.count, "no more events than bytes")
}

func fuzzDrawing(_ input: [UInt8]) {
  let request = PictureRequest(
    size: Size(columns: 40, rows: 12), colours: .many, usesASCII: input.first == 0)
  let picture = request.picture(from: input)
  expect(picture.rows.count <= 12 && picture.columns <= 40, "it fits")
  for cell in picture.rows.joined() {
    for scalar in cell.character.unicodeScalars { expectHarmless(scalar) }
  }
}

func fuzzText(_ input: [UInt8]) {
  let text = String(decoding: input, as: UTF8.self)
  for metrics in [TextMetrics(), TextMetrics(ambiguousWidth: .wide)] {
    for cluster in metrics.clusters(text) {
      expect(cluster.width <= 64, "a character has bounds")
      for scalar in cluster.glyphs.flatMap(\.scalars) { expectHarmless(scalar) }
    }
    expect(metrics.truncated(text, to: 20).width <= 20, "a text is cut to what there is")
  }
  let attachment = Attachment(
    id: AttachmentID(high: 1, low: 1), name: text, mediaType: AttachmentFormat.png.mediaType,
    size: 1)
  for name in [SafeFileName.name(for: attachment), SafeFileName.sent(text)] {
    expect(!name.isEmpty && name.utf8.count <= 255, "a name fits a file system")
    expect(!name.contains("/") && name != "." && name != "..", "a name is no path")
    for scalar in name.unicodeScalars { expectHarmless(scalar) }
  }
  if let path = PathText.path(typed: text) { expect(!path.utf8.contains(0), "no NUL in a path") }
  if let path = PathText.path(pasted: text) { expect(!path.utf8.contains(0), "no NUL in a path") }
}
