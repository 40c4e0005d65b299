import Glibc
import Logging
import MartletProtocol
import ServerCore
import Synchronization

/// This server among others on the same database.
///
/// Each node tells the others what its clients are to hear, and who is connected to it. What it has not told
/// when it dies, the clients of all others look for themselves: they come again. So nothing hangs on a single
/// row, nor on notifications, which only make it quick.
final class Nodes: Sendable {
  /// How often a node says that it lives, when it is alone and when it is not.
  private static let beatAlone = Duration.seconds(2)
  private static let beat = Duration.seconds(1)
  /// How often it looks where no notification comes.
  private static let interval = Duration.milliseconds(250)
  /// How long a start waits for the others to have noticed it.
  private static let patience = Duration.seconds(15)

  let relay: Relay
  private let link: NodeLink
  private let membership = Mutex(Membership())
  /// Whether clients may have come before the others had noticed this node.
  private let isLate = Mutex(false)
  private let logger: Logger

  init(connectionString: String, listens: Bool = true, logger: Logger) {
    relay = Relay(connectionString: connectionString, logger: logger)
    link = NodeLink(
      connectionString: connectionString, name: Self.hostName, listens: listens, logger: logger)
    self.logger = logger
  }

  /// Comes among the others, before there are clients. Where the database is away, that is done when it
  /// comes.
  func enter(_ chat: Chat) async {
    let deadline = ContinuousClock.now + Self.patience
    while ContinuousClock.now < deadline, let step = await step(chat) {
      if step.isComplete { return }
      await link.wait(atMost: Self.interval)
    }
    isLate.withLock { $0 = true }
  }

  /// Stays among the others until cancelled.
  ///
  /// - Parameter onLoss: called when clients may have missed something.
  func run(_ chat: Chat, onLoss: () async -> Void) async {
    while !Task.isCancelled {
      if let step = await step(chat) {
        let wasLate = isLate.withLock { isLate in
          // Clients that came before the others told of theirs have missed it.
          isLate = isLate || step.isNew
          defer { isLate = isLate && !step.isComplete }
          return isLate && step.isComplete
        }
        if wasLate || step.mayHaveMissed { await onLoss() }
      }
      if membership.withLock(\.hasPeers) {
        await link.wait(atMost: Self.interval)
      } else {
        // Cancelled, it ends the loop.
        do { try await Task.sleep(for: Self.beatAlone) } catch { return }
      }
    }
  }

  /// Has what is done here told to the others, without being one of them: for commands.
  func speak() async {
    do {
      if try await link.hasOthers() { relay.open(as: NodeID(0)) }
    } catch {
      // Nothing can be done either, then, and that is said.
      logger.debug("no look at the other nodes", metadata: ["cause": "\(error)"])
    }
  }

  /// The database is another than before, or another state of it.
  func reset() { link.reset() }

  /// Tells the others all that there is to tell, and says goodbye.
  func close() async {
    relay.tell(.leaving)
    await relay.close()
    await link.close()
  }

  /// What a look at the others has come to.
  private struct Step {
    /// Whether this node is a new one to the others.
    let isNew: Bool
    /// Whether all others know this node, and it them.
    let isComplete: Bool
    /// Whether something may not have been told.
    var mayHaveMissed = false
  }

  /// Returns `nil` while the database is away.
  private func step(_ chat: Chat) async -> Step? {
    let look: NodeLink.Look
    do {
      look = try await link.look(
        beatEvery: membership.withLock(\.hasPeers) ? Self.beat : Self.beatAlone)
    } catch {
      // Said by whoever looks after the database.
      logger.debug("no look at the other nodes", metadata: ["cause": "\(error)"])
      return nil
    }
    if look.isNew {
      membership.withLock { $0 = Membership() }
      chat.hub.forgetPeers(at: .now)
    }
    var mayHaveMissed = false
    for (node, events) in look.told {
      await chat.hear(events, from: node)
      membership.withLock { $0.hear(events, from: node) }
      if events.contains(.overflowed) { mayHaveMissed = true }
    }
    if let living = look.living {
      let change = membership.withLock { $0.see(living) }
      for node in change.lost {
        logger.warning("a node is gone", metadata: ["node": "\(node)"])
        await chat.forget(node, recording: look.removed.contains(node))
        mayHaveMissed = true
      }
      meet(living, hasNewcomers: change.hasNewcomers, chat)
    }
    relay.wake()
    return Step(
      isNew: look.isNew, isComplete: membership.withLock(\.isComplete),
      mayHaveMissed: mayHaveMissed)
  }

  private func meet(_ living: Set<NodeID>, hasNewcomers: Bool, _ chat: Chat) {
    guard !living.isEmpty, let node = link.node else { return relay.shut() }
    relay.open(as: node)
    guard hasNewcomers || relay.takeOverflow() else { return }
    chat.hub.introduce()
    logger.info(
      "other nodes are told who is connected here", metadata: ["nodes": "\(living.count)"])
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
