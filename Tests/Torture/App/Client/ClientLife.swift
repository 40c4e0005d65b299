import MartletClient
import MartletProtocol
import Synchronization
import TestSupport
import TortureCore

/// Performs what a ``Participant`` decides: what it records is on disk before anything else is done.
struct ClientLife {
  static let password = "correct horse battery"
  /// How many messages may wait; no more are written then.
  private static let fullOutbox = 200

  private let name: String
  private let file: JournalFile
  private let inbox: ClientInbox
  private let clock: JumpingClock
  private let client: Client
  /// What the next resume names: only what is on disk.
  private let cursors: SharedCursors
  private var participant: Participant
  private var random: SeededGenerator
  private var chatter: Chatter
  private var messagesPerSecond = 0.0
  private var ticks = 0

  init(
    address: ServerAddress, name: String, seed: UInt64, file: JournalFile,
    participant: Participant, inbox: ClientInbox
  ) {
    let (cursors, clock) = (SharedCursors(), JumpingClock())
    cursors.value = participant.cursors
    var configuration = ClientConfiguration(
      address: address, name: "martlet-torture", device: name, cursors: { cursors.value })
    configuration.time = clock.time
    // Impatient, so that more faults meet a conversation than a wait.
    configuration.backoff = BackoffPolicy(base: .milliseconds(50), maximum: .seconds(2))
    configuration.connection = ConnectionOptions(
      connectTimeout: .seconds(5), replyTimeout: .seconds(10))
    self.name = name
    self.file = file
    self.inbox = inbox
    self.clock = clock
    self.cursors = cursors
    self.participant = participant
    random = SeededGenerator(seed: seed)
    chatter = Chatter(targets: [], serial: 0)
    client = Client(configuration: configuration) { Self.take($0, into: inbox) }
  }

  mutating func run() async throws {
    await client.start(
      participant.token.map(Credentials.token)
        ?? .registration(name: name, password: Self.password))
    for await _ in inbox.wakes {
      var effects: [Participant.Effect] = []
      for input in inbox.takeAll() {
        switch input {
        case .participant(let input): effects += participant.handle(input)
        case .order(let order): effects += obey(order)
        case .timer: effects += timerFired()
        case .end: return await client.stop()
        }
      }
      try perform(effects)
    }
  }

  private static func take(_ event: ClientEvent, into inbox: ClientInbox) -> Bool {
    switch event {
    case .connecting(let attempt): say("connecting, attempt \(attempt)")
    case .connected: say("connected")
    case .registered: break
    case .signedIn(let reply):
      inbox.append(.participant(.signedIn(reply.user.id, token: reply.token)))
    case .resumed(let reply): inbox.append(.participant(.resumed(behind: reply.behind)))
    case .push(.message(let push)): return inbox.offer(.message(push.message))
    case .push(.cleared(let push)):
      return inbox.offer(.cleared(Place(push.conversation, push.sequence)))
    case .push: break
    case .waiting(let time, let error):
      say("waiting \(time), because \(error)")
      inbox.append(.participant(.disconnected))
    case .untrusted: inbox.append(.participant(.stopped("the server is not trusted")))
    case .stopped(.stoppedHere), .stopped(.greeted): break
    case .stopped(.signedOut(let words)):
      inbox.append(.participant(.stopped("signed out: \(words)")))
    case .stopped(.refused(let error)):
      inbox.append(.participant(.stopped("refused: \(error.message)")))
    }
    return true
  }

  // MARK: What the client does by itself

  private mutating func obey(_ order: ClientOrder) -> [Participant.Effect] {
    switch order {
    case .converse(let targets, let rate):
      messagesPerSecond = rate
      chatter = Chatter(targets: targets, serial: Int(clock.now.milliseconds % 1_000_000_000))
      return []
    case .quiet:
      messagesPerSecond = 0
      return []
    case .rush(let target, let messages):
      return (0..<messages).flatMap { _ in write(to: target) }
    case .clear(let conversation): return participant.handle(.clear(conversation))
    case .jump(let milliseconds):
      clock.jump(byMilliseconds: milliseconds)
      return []
    }
  }

  private mutating func timerFired() -> [Participant.Effect] {
    ticks += 1
    if ticks % 50 == 0 { say("tick \(ticks)") }
    var effects: [Participant.Effect] = []
    if Double.random(in: 0..<1, using: &random) < messagesPerSecond / 10 { effects += write() }
    if ticks % 5 == 0 { effects += participant.handle(.retryTimer) }
    return effects
  }

  private mutating func write(to target: Target? = nil) -> [Participant.Effect] {
    guard participant.outbox.count < Self.fullOutbox,
      let (target, text) = chatter.next(to: target, using: &random)
    else { return [] }
    return participant.handle(.write(IdempotencyKey(at: clock.now), target, text: text))
  }

  // MARK: What the participant decides

  private func perform(_ effects: [Participant.Effect]) throws {
    try file.append(
      effects.compactMap { effect in
        if case .record(let entry) = effect { entry } else { nil }
      })
    cursors.value = participant.cursors
    for effect in effects {
      switch effect {
      case .record: break
      case .send(let message):
        client.perform(message) { [inbox] result in
          inbox.append(.participant(.sendAnswered(message.key, result)))
        }
      case .fetch(let place):
        let request = FetchHistory(
          target: .conversation(place.conversation), anchor: .after(place.sequence), limit: 50)
        client.perform(request) { [inbox] result in
          inbox.append(.participant(.historyAnswered(place.conversation, result)))
        }
      case .clear(let conversation):
        client.perform(ClearHistory(conversation: conversation)) { [inbox] result in
          // Not asked again: a clear that was not answered may have happened or not.
          guard case .success(let reply) = result else { return }
          inbox.append(.participant(.clearAnswered(Place(conversation, reply.sequence))))
        }
      }
    }
  }
}

/// What the next resume names, set by one task and read by another.
final class SharedCursors: Sendable {
  private let cursors = Mutex<[Resume.Cursor]>([])

  var value: [Resume.Cursor] {
    get { cursors.withLock { $0 } }
    set { cursors.withLock { $0 = newValue } }
  }
}
