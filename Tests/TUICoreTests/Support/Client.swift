import MartletProtocol
import Testing

@testable import TUICore

/// The pure client with a hand-driven clock: what a test types at, and what it looks at.
struct Client {
  var state: AppState
  /// What the last call asked for.
  var effects: [Effect] = []
  /// Whose presence the last call asked for.
  var watched: [UserID]?
  var now = moment("2026-11-23T09:55:00.000Z")
  private var keys: UInt64 = 0

  static let alice = User(id: UserID(1), name: "alice")
  static let leilei = User(id: UserID(2), name: "李雷")
  static let bob = User(id: UserID(3), name: "bob")
  static let carol = User(id: UserID(4), name: "carol")
  static let meimei = User(id: UserID(5), name: "韩梅梅")

  init(
    _ columns: Int = 80, _ rows: Int = 24, language: Language = .english, hasToken: Bool = false,
    hasCache: Bool = false, usesColour: Bool = true, usesASCII: Bool = false,
    ambiguousWidth: AmbiguousWidth = .narrow, transport: Transport = .local,
    homeDirectory: String = "/"
  ) {
    let configuration = Configuration(
      server: "chat.example.org", transport: transport, profile: "default", hasToken: hasToken,
      hasCache: hasCache,
      language: language,
      ambiguousWidth: ambiguousWidth, usesColour: usesColour, usesASCII: usesASCII,
      homeDirectory: homeDirectory,
      localTime: { LocalTime(utc: $0) })
    state = AppState(configuration: configuration, size: Size(columns: columns, rows: rows))
  }

  /// Signed in as alice, with a page of contacts there.
  static func signedIn(
    _ columns: Int = 80, _ rows: Int = 24, language: Language = .english,
    usesColour: Bool = true, usesASCII: Bool = false,
    contacts: [Contact] = [contact(leilei, online: true), contact(bob, online: true)]
  ) -> Client {
    var client = Client(
      columns, rows, language: language, hasToken: true, usesColour: usesColour,
      usesASCII: usesASCII)
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(alice))
    client.apply(.savedLoaded(alice.id, SavedState()))
    client.apply(.contactsLoaded(.init(contacts: contacts, next: nil)))
    return client
  }

  /// In the conversation with 李雷, number 7, with some messages held.
  static func chatting(
    _ columns: Int = 80, _ rows: Int = 24, messages: [Message] = [], more: Bool = false,
    language: Language = .english
  ) -> Client {
    let last = messages.last?.sequence ?? .none
    var client = signedIn(
      columns, rows, language: language,
      contacts: [
        contact(leilei, online: true, conversation: 7, last: last, read: last),
        contact(bob, online: true),
      ])
    client.apply(.input(.key(KeyEvent(.enter))))
    client.apply(
      .historyLoaded(
        .conversation(ConversationID(7)), .latest,
        .init(conversation: ConversationID(7), messages: messages, more: more, reads: [])))
    return client
  }

  @discardableResult
  mutating func apply(_ actions: Action...) -> [Effect] {
    let highest = keys
    var next = highest
    let environment = Environment(now: now) {
      next += 1
      return Client.key(next)
    }
    let all = state.apply(actions, environment)
    watched =
      all.lazy.compactMap { if case .watchPresence(let users) = $0 { users } else { nil } }
      .last
    // Follows from what is on the screen, and is none of most tests' business.
    effects = all.filter { effect in
      switch effect {
      case .watchPresence, .schedule(.watch, _): false
      default: true
      }
    }
    keys = next
    return effects
  }

  /// Types text, one key per character.
  mutating func type(_ text: String) {
    for character in text { press(.character(character)) }
  }

  @discardableResult
  mutating func press(_ key: KeyEvent.Key, _ modifiers: KeyEvent.Modifiers = []) -> [Effect] {
    apply(.input(.key(KeyEvent(key, modifiers))))
  }

  mutating func wait(milliseconds: Int64) { now = now.advanced(byMilliseconds: milliseconds) }

  var canvas: Canvas { render(state, size: state.size) }

  /// The rows of the screen as text, without styles.
  var text: [String] { (0..<state.size.rows).map { canvas.text(ofRow: $0) } }

  func shows(_ text: String) -> Bool { self.text.contains { $0.contains(text) } }

  /// The n-th key that this client makes, from 1.
  static func key(_ number: UInt64) -> IdempotencyKey { IdempotencyKey(high: 0, low: number) }

  /// The key of a message that another client made.
  static func otherKey(_ number: Int64) -> IdempotencyKey {
    IdempotencyKey(high: 99, low: UInt64(number))
  }

  static func contact(
    _ user: User, online: Bool = false, lastSeen: String? = nil, conversation: Int64? = nil,
    last: MessageSequence = .none, read: MessageSequence = .none, unread: Int = 0,
    at time: String = "2026-11-23T09:00:00.000Z"
  ) -> Contact {
    let summary = conversation.map { id in
      ConversationSummary(
        id: ConversationID(id), members: [alice.id, user.id], lastSequence: last,
        readSequence: read, unread: unread,
        lastMessage: MessageExcerpt(sender: user.id, sentAt: moment(time), text: ""))
    }
    return Contact(
      user: user, online: online, lastSeen: lastSeen.flatMap { Timestamp($0) },
      conversation: summary)
  }

  static func message(
    _ sequence: Int64, from sender: User, _ text: String,
    at time: String = "2026-11-23T09:41:00.000Z", conversation: Int64 = 7
  ) -> Message {
    Message(
      conversation: ConversationID(conversation), sequence: MessageSequence(sequence),
      sender: sender.id, sentAt: moment(time), key: otherKey(sequence), text: text)
  }

  /// Messages of 李雷, one a minute.
  static func messages(_ range: ClosedRange<Int64>) -> [Message] {
    range.map { sequence in
      let time = moment("2026-11-23T00:00:00.000Z").advanced(byMilliseconds: sequence * 60_000)
      return Message(
        conversation: ConversationID(7), sequence: MessageSequence(sequence), sender: leilei.id,
        sentAt: time, key: otherKey(sequence), text: "message \(sequence)")
    }
  }
}

/// A time written out; a test that writes none is a mistake of ours.
func moment(_ text: String) -> Timestamp {
  guard let time = Timestamp(text) else { preconditionFailure("not a time: \(text)") }
  return time
}

extension Client: CustomTestStringConvertible {
  /// A failed expectation prints the screen rather than every field of the state.
  var testDescription: String { "\n\(canvas.snapshot)" }
}

extension LocalTime {
  /// A user whose clock runs on UTC.
  init(utc time: Timestamp) {
    let text = time.description
    func number(_ start: Int, _ count: Int) -> Int {
      Int(text.dropFirst(start).prefix(count)) ?? 0
    }
    let days = Int((Double(time.milliseconds) / 86_400_000).rounded(.down))
    self.init(
      year: number(0, 4), month: number(5, 2), day: number(8, 2),
      weekday: ((days + 4) % 7 + 7) % 7, hour: number(11, 2), minute: number(14, 2))
  }
}
