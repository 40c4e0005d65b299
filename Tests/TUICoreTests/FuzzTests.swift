import MartletProtocol
import Testing

@testable import TUICore

/// Anything may come in at any time: nothing traps, and every screen is sound.
@Suite struct FuzzTests {
  @Test(arguments: UInt64(1)...8) func noSequenceOfActionsBreaksTheScreen(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var client = Client(
      language: seed.isMultiple(of: 2) ? .chinese : .english,
      usesASCII: seed.isMultiple(of: 3),
      ambiguousWidth: seed.isMultiple(of: 5) ? .wide : .narrow)
    for step in 0..<1500 {
      client.wait(milliseconds: Int64.random(in: 0...5000, using: &random))
      client.apply(action(&random, asked: client.state.chat.search?.results?.request))
      if step.isMultiple(of: 5) { expectSound(client.canvas) }
    }
  }

  private func action(_ random: inout SplitMix64, asked: HitsPage?) -> Action {
    let conversation = ConversationID(Int64.random(in: 6...10, using: &random))
    let user = UserID(Int64.random(in: 1...8, using: &random))
    let sequence = MessageSequence(number(&random))
    let time = Timestamp(milliseconds: Int64.random(in: .min ... .max, using: &random))
    switch Int.random(in: 0..<39, using: &random) {
    case 0..<12: return .input(.key(key(&random)))
    case 12: return .input(.paste(text(&random)))
    case 13:
      return .input(
        .mouse(
          row: Int.random(in: -3...60, using: &random),
          column: Int.random(in: -3...210, using: &random),
          kind: random.pick([.press, .release, .wheelUp, .wheelDown])))
    case 14: return .input(.focus(Bool.random(using: &random)))
    case 15:
      return .resized(
        Size(
          columns: Int.random(in: 0...120, using: &random),
          rows: Int.random(in: 0...40, using: &random)))
    case 16: return .timerFired(random.pick(TimerName.allCases))
    case 17:
      let statuses: [ConnectionStatus] = [
        .connected, .connecting(attempt: 3), .waiting(retryAt: time, reason: "x"),
      ]
      return .connectionChanged(random.pick(statuses))
    case 18: return .signedIn(User(id: UserID(1), name: text(&random)))
    case 19:
      return random.pick([Action.resumed(behind: []), .historyVoided, .registered(Client.alice)])
    case 20:
      return Int.random(in: 0..<6, using: &random) == 0
        ? .sessionEnded(.byServer(text(&random))) : .signInFailed(failure(&random))
    case 21, 22:
      let contacts = (0..<3).map { _ in
        Client.contact(
          User(id: UserID(Int64.random(in: 1...8, using: &random)), name: text(&random)),
          online: Bool.random(using: &random),
          conversation: Bool.random(using: &random) ? conversation.rawValue : nil, last: sequence,
          read: MessageSequence(number(&random)), unread: Int(number(&random)))
      }
      return .contactsLoaded(.init(contacts: contacts, next: nil))
    case 23, 24:
      let first = number(&random)
      let messages = (0...Int64.random(in: 0...20, using: &random)).map {
        message(conversation, MessageSequence(first &+ $0), &random)
      }
      let anchors: [HistoryAnchor] = [
        .latest, .before(sequence), .after(sequence), .around(sequence),
      ]
      return .historyLoaded(
        .conversation(conversation), random.pick(anchors),
        .init(
          conversation: conversation, messages: Bool.random(using: &random) ? messages : [],
          more: Bool.random(using: &random), reads: [ReadMark(user: user, sequence: sequence)]))
    case 25:
      let key = Client.key(UInt64.random(in: 1...40, using: &random))
      return Bool.random(using: &random)
        ? .messageFailed(key, failure(&random))
        : .messageStored(key, .init(conversation: conversation, sequence: sequence, sentAt: time))
    case 26: return .messageReceived(message(conversation, sequence, &random))
    case 27: return .conversationCreated(conversation, members: [UserID(1), user])
    case 28:
      return .presenceChanged(
        User(id: user, name: text(&random)), online: Bool.random(using: &random), lastSeen: time)
    case 29:
      let limit = Int(number(&random))
      return .greeted(
        Limits(textBytes: limit, pageEntries: limit, passwordCharacters: limit),
        registration: [nil, .open, .invite, .closed].randomElement(using: &random) ?? nil)
    case 30: return .historyCleared(conversation, through: sequence)
    case 34, 35, 36: return .attachments(attachmentAction(&random))
    case 31, 32, 33: return answer(&random, conversation, asked: asked)
    default:
      return Bool.random(using: &random)
        ? .readChanged(conversation, user, sequence) : .typingReceived(conversation, user)
    }
  }

  /// What answers the requests of search, devices and presence.
  private func answer(
    _ random: inout SplitMix64, _ conversation: ConversationID, asked: HitsPage?
  ) -> Action {
    let hits = (0..<Int.random(in: 0...8, using: &random)).map { _ in
      SearchHit(
        message: message(conversation, MessageSequence(number(&random)), &random),
        ranges: [TextRange(start: Int(number(&random)), length: Int(number(&random)))])
    }
    let next = random.pick([nil, "a", "b"])
    let (count, exact) = (Int(number(&random)), Bool.random(using: &random))
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1, 2:
      // The page that is waited for, whatever it is.
      guard let page = asked else { return .timerFired(.watch) }
      return Bool.random(using: &random)
        ? .hitsLoaded(page, .init(hits: hits, count: count, exact: exact, next: next))
        : .hitsFailed(page, failure(&random))
    case 3:
      let group = SearchEverywhere.Group(
        conversation: conversation, members: [UserID(1), UserID(3)], count: count, exact: exact,
        hits: hits)
      return .groupsLoaded(query: "a", after: nil, .init(groups: [group], next: next))
    case 4: return .sessionsLoaded(.init(sessions: SessionsTests.sessions))
    case 5: return .passwordChangeFailed(failure(&random))
    case 6: return .clearFailed(conversation, failure(&random))
    default:
      return .presencesLoaded(
        .init(presences: [Presence(user: UserID(3), online: exact, lastSeen: nil)]))
    }
  }

  /// What happens to files, many of them of messages that are there.
  private func attachmentAction(_ random: inout SplitMix64) -> AttachmentAction {
    let key = Client.key(UInt64.random(in: 1...40, using: &random))
    let attachment = attachment(&random)
    let path = "/home/alice/\(text(&random))"
    let bytes = number(&random)
    let file = LocalFile(path: path, name: text(&random), size: bytes, modified: bytes)
    let request = PictureRequest(
      size: Size(columns: 80, rows: 22), colours: .none, usesASCII: false)
    switch Int.random(in: 0..<13, using: &random) {
    case 0: return .inspected(path: path, .send(input: text(&random)), .success(file))
    case 1: return .inspected(path: path, .paste(text: text(&random)), .success(file))
    case 2: return .inspected(path: path, .paste(text: path), .failure(.noPermission))
    case 3: return .uploadBegan(key, attachment.id)
    case 4: return .uploadAdvanced(key, bytes: bytes)
    case 5: return .uploadFinished(key, attachment)
    case 6: return .uploadFailed(key, .fileChanged)
    case 7: return .downloadAdvanced(attachment.id, bytes: bytes)
    case 8: return .downloadFinished(attachment.id, path: path)
    case 9: return .downloadFailed(attachment.id, .interrupted)
    case 10: return .playerStarted(attachment.id, program: text(&random))
    case 11: return .playerEnded(attachment.id, .finished)
    default:
      let picture = PictureParser.picture(from: text(&random).utf8, request: request)
      return .pictureDrawn(attachment.id, request, .success(picture))
    }
  }

  private func attachment(_ random: inout SplitMix64) -> MartletProtocol.Attachment {
    let type = random.pick(["image/png", "audio/mpeg", "text/html"])
    return MartletProtocol.Attachment(
      id: AttachmentID(high: 1, low: UInt64.random(in: 1...4, using: &random)),
      name: text(&random), mediaType: MediaType(rawValue: type),
      size: number(&random), width: Int(number(&random)), height: Int(number(&random)))
  }

  /// Mostly a small one, now and then as far off as there are.
  private func number(_ random: inout SplitMix64) -> Int64 {
    guard Int.random(in: 0..<8, using: &random) == 0 else {
      return Int64.random(in: -2...60, using: &random)
    }
    return random.pick([.min, .max] as [Int64])
  }

  private func message(
    _ conversation: ConversationID, _ sequence: MessageSequence, _ random: inout SplitMix64
  ) -> Message {
    Message(
      conversation: conversation, sequence: sequence,
      sender: UserID(Int64.random(in: 1...4, using: &random)),
      sentAt: Timestamp(milliseconds: Int64.random(in: 0...2_000_000_000_000, using: &random)),
      key: Client.key(UInt64.random(in: 1...80, using: &random)), text: text(&random),
      attachment: Int.random(in: 0..<4, using: &random) == 0 ? attachment(&random) : nil)
  }

  private func failure(_ random: inout SplitMix64) -> RequestFailure {
    Bool.random(using: &random)
      ? .connectionLost
      : .refused(
        RPCError(
          ErrorCode(rawValue: Int.random(in: 1000...1310, using: &random)), text(&random),
          retryAfter: Bool.random(using: &random) ? Int(number(&random)) : nil))
  }

  private func key(_ random: inout SplitMix64) -> KeyEvent {
    let bound = Keymap.standard.bindings.flatMap(\.keys)
    if Int.random(in: 0..<3, using: &random) > 0, let key = bound.randomElement(using: &random) {
      return key
    }
    return KeyEvent(.character(text(&random).first ?? "/"))
  }

  private func text(_ random: inout SplitMix64) -> String {
    let pieces = [
      "a", "word ", "/msg ", "/clear", "/search a", "/search --all a", "/clear-history", "/passwd",
      "/sessions", "中文", "，", "（", "👨‍👩‍👧", "🇨🇳", "e\u{301}", "\u{301}", "\n", "\t",
      "\u{1B}[2J", "\u{202E}", "\u{9B}", "\u{200D}", "\u{3164}", "한", "\u{1112}\u{1161}", "שלום",
      "\u{FE0F}", "\u{10FFFF}", "—", "…", "xxxxxxxxxxxxxxxxxxxxxxxxx", "  ",
    ]
    let count = Int.random(in: 0...12, using: &random)
    return (0..<count).map { _ in random.pick(pieces) }.joined()
  }
}

/// A generator with a seed (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators").
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[Int.random(in: choices.indices, using: &self)]
  }
}
