import FoundationEssentials
import Logging
import MartletProtocol
import Synchronization
import TestSupport

@testable import ServerCore

/// The use cases over doubles of everything outside.
struct TestChat {
  let chat: Chat
  let store = InMemoryStore()
  let search = InMemorySearch()
  let attachments = InMemoryAttachments()
  let writer = ManualWriter()
  let passwords = CountingPasswords()
  let cleaner = CountingCleaner()
  let log = LogRecord()
  let clock = ManualClock()

  init(limits: Limits = Limits()) {
    let (log, clock) = (log, clock)
    chat = Chat(
      Chat.Dependencies(
        accounts: store, sessions: store, conversations: store, search: search,
        attachments: attachments, identity: store, audit: store, writer: writer,
        passwords: passwords,
        tokens: NumberedTokens(),
        cleaners: [cleaner], now: { .sample }, uptime: { clock.now },
        limits: limits, software: "martletd/test",
        logger: Logger(label: "test") { _ in log }),
      policy: Chat.Policy(attachmentQuota: 1_000_000))
  }

  /// Makes an account past all rules.
  func account(_ name: String, passwordHash: String = "new:a good password") async throws -> User {
    let created = try await store.createAccount(
      name: name, passwordHash: passwordHash, invite: nil)
    guard case .created(let user) = created else { throw Missing() }
    return user
  }

  /// Makes an account and signs it in by a session, which no connection has yet.
  func signedIn(_ name: String) async throws -> SignedIn {
    let user = try await account(name)
    let session = try await store.createSession(
      user: user.id, passwordHash: "new:a good password", tokenHash: Array(name.utf8),
      device: "test")
    guard let session else { throw Missing() }
    return SignedIn(user: user, session: session)
  }

  /// Signs somebody in and connects them.
  func connected(
    _ name: String, record: Record = Record()
  ) async throws -> (signedIn: SignedIn, mailbox: RecordingMailbox) {
    let signedIn = try await signedIn(name)
    let mailbox = RecordingMailbox(record: record)
    chat.connected(mailbox, as: signedIn)
    return (signedIn, mailbox)
  }

  struct Missing: Error {}
}

/// A clock that stands still until it is moved.
final class ManualClock: Sendable {
  private let time = Mutex(ContinuousClock.now)

  var now: ContinuousClock.Instant { time.withLock { $0 } }

  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}

extension Timestamp {
  static let sample = Timestamp(milliseconds: 1_795_426_860_123)
}

extension IdempotencyKey {
  static func numbered(_ number: UInt64) -> IdempotencyKey {
    IdempotencyKey(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 | number)
  }
}

extension IncomingRequest {
  /// A request as it arrives in a frame.
  init(_ request: some RequestMessage, id: RequestID? = .number(1)) {
    self.init(frame: WireCodec.encode(request, id: id))
  }
}
