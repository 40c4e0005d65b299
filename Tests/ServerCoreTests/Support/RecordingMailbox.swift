import MartletProtocol
import ServerCore
import Synchronization

/// What happened, in order, to one mailbox or to several that share a record.
final class Record: Sendable {
  enum Event: Hashable, Sendable {
    case pushed(ServerPush)
    case closed(CloseCode)
    case answered
  }

  private let state = Mutex<[Event]>([])

  var events: [Event] { state.withLock { $0 } }

  func append(_ event: Event) { state.withLock { $0.append(event) } }
}

/// A mailbox that keeps what it is given.
final class RecordingMailbox: Mailbox {
  let record: Record
  private let ephemeral = Mutex<[Bool]>([])

  init(record: Record = Record()) {
    self.record = record
  }

  var events: [Record.Event] { record.events }

  var pushes: [ServerPush] {
    events.compactMap { event in
      guard case .pushed(let push) = event else { return nil }
      return push
    }
  }

  /// Whether each push could be done without.
  var ephemeralFlags: [Bool] { ephemeral.withLock { $0 } }

  func deliver(_ push: OutgoingPush) {
    ephemeral.withLock { $0.append(push.isEphemeral) }
    guard case .push(let push)? = try? ServerFrame(frame: push.frame) else {
      // A push that no client could read must not compare equal to anything expected.
      record.append(.pushed(.unknown(method: "unreadable")))
      return
    }
    record.append(.pushed(push))
  }

  func close(_ code: CloseCode) { record.append(.closed(code)) }
}
