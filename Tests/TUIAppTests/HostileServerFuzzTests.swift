import FoundationEssentials
import MartletClient
import MartletProtocol
import TestSupport
import Testing

@testable import TUIApp
@testable import TUICore

/// The examples of docs/protocol.md, changed at random, sent to the whole client but its sockets and its
/// terminal: nothing traps, every screen is sound, and nothing is asked for without end.
@Suite struct HostileServerFuzzTests {
  @Test(arguments: UInt64(1)...4) func noChangedFrameBreaksTheClient(seed: UInt64) throws {
    let document = try ProtocolDocument()
    let pushes = document.blocks("json", "push").map(\.text)
    let replies = document.blocks("json", "reply").compactMap { block in
      block.tags.last.map { (method: $0, text: block.text) }
    }
    var random = SeededGenerator(seed: seed)
    var mutation = WireMutation(seed: seed)
    var victim = Victim(seed: seed)
    var understood = 0
    for step in 0..<1200 {
      if Bool.random(using: &random) {
        let text = try mutation.mutate(pushes[Int.random(in: 0..<pushes.count, using: &random)])
        if victim.receive(push: text) { understood += 1 }
      } else {
        let reply = replies[Int.random(in: 0..<replies.count, using: &random)]
        if victim.receive(reply: try mutation.mutate(reply.text), to: reply.method) {
          understood += 1
        }
      }
      if step.isMultiple(of: 50) { victim.reconnect() }
      if step.isMultiple(of: 7) { victim.press(&random) }
      if step.isMultiple(of: 5) { victim.expectSound() }
    }
    // Else it would be the decoder alone that is tested.
    #expect(understood > 250)
  }
}

/// A client without sockets and terminal.
private struct Victim {
  private var state: AppState
  private var translator = SessionTranslator()
  private var now = Timestamp(milliseconds: 1_795_000_000_000)
  private var keys: UInt64 = 0
  private let user = User(id: UserID(2), name: "李雷")

  init(seed: UInt64) {
    state = AppState(
      configuration: Configuration(
        server: "hostile", profile: "default", hasToken: true,
        language: seed.isMultiple(of: 2) ? .chinese : .english, ambiguousWidth: .narrow,
        usesColour: true, usesASCII: false, localTime: LocalClock.localTime(of:)),
      size: Size(columns: 80, rows: 24))
    translator.began(.token("x"))
    reconnect()
  }

  mutating func reconnect() {
    receive(.waiting(.seconds(1), because: .notConnected))
    receive(
      .connected(
        Hello.Reply(
          protocol: 1, server: "x", serverID: "x", epoch: 1, time: now, limits: Limits())))
    receive(.resumed(Resume.Reply(session: SessionID(1), user: user, behind: [])))
  }

  private mutating func receive(_ event: ClientEvent) {
    for output in translator.translate(event, now: now) {
      switch output {
      case .action(let action), .push(let action): apply(action)
      case .keepToken, .forgetToken, .greet, .doubt: break
      }
    }
  }

  /// - Returns: whether it is a push.
  mutating func receive(push text: String) -> Bool {
    guard case .push(let push)? = try? ServerFrame(frame: text.frame) else { return false }
    receive(.push(push))
    return true
  }

  /// - Returns: whether it is a reply to that.
  mutating func receive(reply text: String, to method: String) -> Bool {
    guard case .reply? = try? ServerFrame(frame: text.frame),
      let action = action(for: text.frame, to: method)
    else { return false }
    apply(action)
    return true
  }

  private func action(for frame: Data, to method: String) -> Action? {
    func read<Reply: Decodable>(_ type: Reply.Type) -> Reply? {
      try? WireCodec.decodeReply(frame, to: type)
    }
    switch method {
    case Hello.method:
      return read(Hello.Reply.self).map { .greeted($0.limits, registration: $0.registration) }
    case Resume.method: return read(Resume.Reply.self).map { .resumed(behind: $0.behind) }
    case ListContacts.method: return read(ListContacts.Reply.self).map(Action.contactsLoaded)
    case FetchHistory.method:
      let target = Target.conversation(ConversationID(5))
      return read(FetchHistory.Reply.self).map { .historyLoaded(target, .latest, $0) }
    case SendMessage.method:
      let key = IdempotencyKey(high: 1, low: keys)
      return read(SendMessage.Reply.self).map { .messageStored(key, $0) }
    case SearchMessages.method:
      guard let page = state.chat.search?.results?.request else { return nil }
      return read(SearchMessages.Reply.self).map { .hitsLoaded(page, $0) }
    case SearchEverywhere.method:
      return read(SearchEverywhere.Reply.self).map { .groupsLoaded(query: "a", after: nil, $0) }
    case ListSessions.method: return read(ListSessions.Reply.self).map(Action.sessionsLoaded)
    case WatchPresence.method: return read(WatchPresence.Reply.self).map(Action.presencesLoaded)
    case ClearHistory.method:
      return read(ClearHistory.Reply.self).map {
        .historyCleared(ConversationID(5), through: $0.sequence)
      }
    default: return nil
    }
  }

  /// A key of somebody who goes on using it.
  mutating func press(_ random: inout SeededGenerator) {
    let keys = Keymap.standard.bindings.flatMap(\.keys)
    guard let key = keys.randomElement(using: &random) else { return }
    apply(.input(.key(key)))
    if Bool.random(using: &random) { apply(.input(.key(KeyEvent(.character("a"))))) }
  }

  private mutating func apply(_ action: Action) {
    now = now.advanced(byMilliseconds: 40)
    var next = keys
    let effects = state.apply(
      [action],
      Environment(now: now) {
        next += 1
        return IdempotencyKey(high: 1, low: next)
      })
    keys = next
    #expect(effects.count < 200)
  }

  func expectSound() {
    let canvas = render(state, size: state.size)
    for row in 0..<canvas.size.rows {
      for cell in canvas.row(row) {
        for scalar in cell.glyph?.scalars ?? [] {
          let category = scalar.properties.generalCategory
          #expect(
            category != .control && category != .lineSeparator && category != .paragraphSeparator
              && !scalar.properties.isDefaultIgnorableCodePoint)
        }
      }
    }
  }
}
