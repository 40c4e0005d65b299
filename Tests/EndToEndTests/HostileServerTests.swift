import MartletClient
import MartletProtocol
import TestSupport
import Testing

/// A server, or people whom an honest one lets pass, that would like to have the terminal: the real client
/// in a real terminal, and every byte that it writes there.
@Suite struct HostileServerTests {
  /// Sequences that set titles, colours and modes, by C0 and by C1; what turns text around or hides in
  /// it; NUL; and a stack of marks that would reach over the lines above.
  private static let evil =
    "a\u{1B}]0;owned\u{7}\u{1B}[6661m\u{1B}[?6662h\u{9B}6663m\u{9D}0;owned\u{9C}\u{1B}P6664\u{1B}\\"
    + "\u{0}\u{202E}b\u{2066}\u{200B}\u{FEFF}\u{2028}\u{E0041}c"
    + String(repeating: "\u{301}", count: 300) + "d"
  private static let name = "x\u{1B}]0;owned\u{7}\u{202E}\u{200B}\u{0}\u{9B}6665my"

  @Test func nothingThatAServerSaysReachesTheTerminalAsItIs() async throws {
    let server = try await ScriptedServer()
    let directory = try Machine.temporaryDirectory()
    try await Machine.whenGone("rm -rf \(directory)")
    let terminal = try await Terminal(
      "victim", server: server.address.description, stateDirectory: directory)
    let output = try await terminal.recordOutput()
    let service = Task {
      while true { Self.serve(try await server.accept()) }
    }
    defer { service.cancel() }
    try await terminal.waitFor("Sign in")
    try await terminal.type("victim")
    try await terminal.press("Tab")
    try await terminal.type("correct horse battery")
    try await terminal.press("Enter")
    // The names of the contacts, and one's own.
    try await terminal.waitFor("Contacts", "x␛]0;owned␇")
    try await terminal.press("Enter")
    // The messages, the name of a file, and what was pushed.
    try await terminal.waitFor("a␛]0;owned␇", "<U+202E>b<U+2066>", "pushed")
    try await terminal.press("C-f")
    try await terminal.type("q")
    try await terminal.press("Enter")
    // The words of a refusal.
    try await terminal.waitFor("refused", "a␛]0;owned␇␛[6661m")
    try await terminal.press("Escape")
    // Else the terminal's next key would be one with Alt.
    try await terminal.waitFor("pushed")
    try await terminal.type("end it")
    try await terminal.press("Enter")
    // Why the session is over.
    try await terminal.waitFor("Sign in", "ended", "␛]0;owned␇")
    try await terminal.press("C-q")
    try await terminal.waitForEnd()

    let scalars = Array(try output.read().unicodeScalars)
    #expect(scalars.count > 1000)
    let forbidden: Set<Unicode.Scalar> = [
      "\u{0}", "\u{9B}", "\u{9C}", "\u{9D}", "\u{202E}", "\u{2066}", "\u{200B}", "\u{FEFF}",
      "\u{2028}", "\u{E0041}",
    ]
    #expect(!scalars.contains(where: forbidden.contains))
    let text = String(String.UnicodeScalarView(scalars))
    for sequence in ["\u{1B}]0;", "\u{1B}[6661", "\u{1B}[?6662", "\u{1B}[6663", "\u{1B}P6664"] {
      #expect(!text.contains(sequence))
    }
    // No more marks on a letter than a cell holds.
    var marks = 0
    let longest = scalars.reduce(0) { longest, scalar in
      marks = scalar == "\u{301}" ? marks + 1 : 0
      return max(longest, marks)
    }
    #expect(longest <= 4)
  }

  // MARK: The server

  private static func serve(_ peer: Peer) {
    Task {
      while true {
        let (id, request) = try await peer.request()
        try await answer(request, id, peer)
      }
    }
  }

  private static func answer(_ request: ClientRequest, _ id: RequestID?, _ peer: Peer) async throws
  {
    let me = User(id: UserID(1), name: name)
    switch request {
    case .hello: try peer.reply(Fixture.greeting(), to: id)
    case .login:
      try peer.reply(Login.Reply(token: Fixture.token, session: SessionID(1), user: me), to: id)
    case .listContacts:
      let summary = ConversationSummary(
        id: ConversationID(5), members: [UserID(1), UserID(2)], lastSequence: MessageSequence(2),
        readSequence: .none, unread: 2,
        lastMessage: MessageExcerpt(sender: UserID(2), sentAt: time, text: evil))
      let contact = Contact(
        user: User(id: UserID(2), name: name), online: true, lastSeen: nil, conversation: summary)
      try peer.reply(ListContacts.Reply(contacts: [contact], next: nil), to: id)
    case .fetchHistory:
      let file = MartletProtocol.Attachment(
        id: AttachmentID(high: 1, low: 1), name: "../\(name).png",
        mediaType: MediaType(rawValue: "image/\(name)"), size: 7, width: 1, height: 1)
      let messages = [message(1, evil, nil), message(2, "", file)]
      try peer.reply(
        FetchHistory.Reply(
          conversation: ConversationID(5), messages: messages, more: false, reads: []), to: id)
      peer.push(MessagePush(message: message(3, "pushed \(evil)", nil)))
      peer.push(TypingPush(conversation: ConversationID(5), user: UserID(2)))
    case .watchPresence: try peer.reply(WatchPresence.Reply(presences: []), to: id)
    case .sendMessage:
      peer.push(SessionEndedPush(reason: "ended \(evil)"))
      peer.close(4001)
    case .notifyTyping: break
    default: peer.refuse(RPCError(ErrorCode(rawValue: 7777), "refused \(evil)"), id)
    }
  }

  private static let time = Timestamp(milliseconds: 1_795_000_000_000)

  private static func message(
    _ sequence: Int64, _ text: String, _ file: MartletProtocol.Attachment?
  ) -> Message {
    Message(
      conversation: ConversationID(5), sequence: MessageSequence(sequence), sender: UserID(2),
      sentAt: time, key: IdempotencyKey(high: 1, low: UInt64(sequence)), text: text,
      attachment: file)
  }
}
