import FoundationEssentials
import LoadCore
import MartletProtocol
import ServerCore
import TUICore

/// Does one thing that is done for every message, or for every key, so and so often.
///
/// Callgrind counts the instructions of ``measured(_:_:)``, which are the same in every run: that makes
/// them fit for a check of whether something became slower.
@main enum Costs: String, CaseIterable {
  case readRequest = "read-request"
  case writePush = "write-push"
  case readPush = "read-push"
  case deliver = "deliver-to-100"
  case signBlock = "sign-block"
  case takeMessage = "take-message"
  case keyAndFrame = "key-and-frame"

  static func main() {
    guard let cost = CommandLine.arguments.dropFirst().first.flatMap(Costs.init) else {
      for cost in allCases { print(cost.rawValue) }
      return
    }
    let work = cost.prepare()
    // The first time fills caches and makes what is made once.
    work()
    measured(cost.count, work)
    print(cost.count)
  }

  /// How often it is done.
  private var count: Int {
    switch self {
    case .readRequest, .writePush, .readPush: 1000
    case .deliver, .takeMessage: 100
    case .signBlock, .keyAndFrame: 20
    }
  }

  private func prepare() -> () -> Void {
    switch self {
    case .readRequest: Self.requestReader()
    case .writePush: Self.pushWriter()
    case .readPush: Self.pushReader()
    case .deliver: Self.deliverer()
    case .signBlock: Self.signer()
    case .takeMessage: Self.taker()
    case .keyAndFrame: Self.typist()
    }
  }

  private static func requestReader() -> () -> Void {
    let frame = WireCodec.encode(
      SendMessage(target: .user(UserID(2)), key: key(1), text: texts.body(pair: 1, number: 1)),
      id: .number(1))
    return { keep(IncomingRequest(frame: frame).id) }
  }

  private static func pushWriter() -> () -> Void {
    let push = MessagePush(message: message(1))
    return { keep(WireCodec.encode(push).count) }
  }

  private static func pushReader() -> () -> Void {
    let frame = WireCodec.encode(MessagePush(message: message(1)))
    return { keep(try? ServerFrame(frame: frame)) }
  }

  private static func deliverer() -> () -> Void {
    let hub = Hub()
    let push = OutgoingPush(MessagePush(message: message(1)))
    let users = (1...100).map { UserID($0) }
    for user in users {
      hub.join(
        Letterbox(),
        as: SignedIn(user: User(id: user, name: "\(user)"), session: SessionID(user.rawValue)),
        announcing: push)
    }
    return { hub.deliver(push, to: users) }
  }

  private static func signer() -> () -> Void {
    let block = (0..<64).map { texts.body(pair: 1, number: $0) }
    return { keep(SearchSignature(of: block).bytes.count) }
  }

  private static func taker() -> () -> Void {
    var terminal = Terminal()
    var number = Int64(Terminal.messages)
    return {
      number += 1
      terminal.apply(.messageReceived(message(number)))
    }
  }

  private static func typist() -> () -> Void {
    var terminal = Terminal()
    return {
      terminal.apply(.input(.key(KeyEvent(.character("明")))))
      keep(render(terminal.state, size: Terminal.size).size)
    }
  }

  // MARK: Parts

  static let texts = Texts(seed: 1)
  static let moment = Timestamp(milliseconds: 1_764_000_000_000)

  static func key(_ number: Int64) -> IdempotencyKey {
    IdempotencyKey(high: 1, low: UInt64(number))
  }

  /// Message so and so of the conversation with user 2, by that user.
  static func message(_ number: Int64) -> Message {
    Message(
      conversation: ConversationID(7), sequence: MessageSequence(number), sender: UserID(2),
      sentAt: moment, key: key(number), text: texts.body(pair: 1, number: Int(number)))
  }

  private final class Letterbox: Mailbox {
    func deliver(_ push: OutgoingPush) {}
    func close(_ code: CloseCode) {}
  }
}

/// The client's pure part, signed in as user 1, with user 2's conversation open.
private struct Terminal {
  static let messages = 1000
  private static let contacts = 10_000
  static let size = Size(columns: 120, rows: 40)

  var state: AppState

  init() {
    let configuration = Configuration(
      server: "localhost", profile: "default", hasToken: true, language: .english,
      localTime: { _ in
        LocalTime(year: 2026, month: 11, day: 27, weekday: 5, hour: 12, minute: 30)
      })
    state = AppState(configuration: configuration, size: Self.size)
    let user = User(id: UserID(1), name: "alice")
    apply(.connectionChanged(.connected))
    apply(.signedIn(user, behind: []))
    apply(.savedLoaded(user.id, SavedState()))
    let conversation = ConversationSummary(
      id: ConversationID(7), members: [UserID(1), UserID(2)],
      lastSequence: MessageSequence(Int64(Self.messages)),
      readSequence: MessageSequence(Int64(Self.messages)), unread: 0, lastMessage: nil)
    let contacts = (2..<Int64(Self.contacts + 2)).map { number in
      Contact(
        user: User(id: UserID(number), name: "user-\(number)"), online: number % 3 == 0,
        lastSeen: nil, conversation: number == 2 ? conversation : nil)
    }
    apply(.contactsLoaded(.init(contacts: contacts, next: nil)))
    apply(.input(.key(KeyEvent(.enter))))
    apply(
      .historyLoaded(
        .conversation(conversation.id), .latest,
        .init(
          conversation: conversation.id,
          messages: (1...Int64(Self.messages)).map(Costs.message), more: false, reads: [])))
  }

  mutating func apply(_ action: Action) {
    let environment = Environment(now: Costs.moment) { Costs.key(0) }
    keep(state.apply([action], environment).count)
  }
}

/// Callgrind counts from where this is entered until it is left.
@inline(never) private func measured(_ count: Int, _ work: () -> Void) {
  for _ in 0..<count { work() }
}

/// Takes a result, so that working it out is not left out.
@inline(never) private func keep(_ value: some Any) {}
