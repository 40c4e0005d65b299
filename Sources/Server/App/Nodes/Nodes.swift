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
  /// How often it looks at the others when it is alone.
  private static let intervalAlone = Duration.seconds(2)
  /// How often it looks where no notification comes.
  private static let interval = Duration.milliseconds(250)
  /// How long a start waits for the others to have noticed it.
  private static let patience = Duration.seconds(15)
  /// How often all are told anew who is connected here. What a lost connection has doubled, and so put out of
  /// its order, is put right by that.
  private static let introduction = Duration.seconds(60)

  let relay: Relay
  private let link: NodeLink
  private let pulse: NodePulse
  private let beating = Mutex<Task<Void, Never>?>(nil)
  private let membership = Mutex(Membership())
  /// Whether clients may have come before the others had noticed this node.
  private let isLate = Mutex(false)
  private let introducedAt = Mutex(ContinuousClock.now)
  private let logger: Logger

  init(connectionString: String, listens: Bool = true, logger: Logger) {
    relay = Relay(connectionString: connectionString, logger: logger)
    link = NodeLink(
      connectionString: connectionString, name: Self.hostName, listens: listens, logger: logger)
    pulse = NodePulse(connectionString: connectionString, logger: logger)
    self.logger = logger
  }

  /// Comes among the others, before there are clients, and beats from then on. Where the database is away,
  /// that is done when it comes.
  func enter(_ chat: Chat) async {
    beating.withLock { $0 = Task { [self] in await beat() } }
    let deadline = ContinuousClock.now + Self.patience
    while ContinuousClock.now < deadline, let step = await step(chat) {
      if step.isComplete { return }
      await link.wait(atMost: Self.interval)
    }
    isLate.withLock { $0 = true }
  }

  private func beat() async {
    while !Task.isCancelled {
      if let node = link.node, await pulse.beat(for: node) == false { link.reset() }
      // Cancelled, it ends the loop.
      do { try await Task.sleep(for: NodePulse.interval) } catch { return }
    }
  }

  /// Looks at the others until cancelled.
  ///
  /// - Parameter onLoss: called when clients may have missed something.
  func run(_ chat: Chat, onLoss: @escaping @Sendable () async -> Void) async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        if let step = await step(chat) {
          let wasLate = isLate.withLock { isLate in
            // Clients that came before the others told of theirs have missed it.
            isLate = isLate || step.isNew
            defer { isLate = isLate && !step.isComplete }
            return isLate && step.isComplete
          }
          // Beside what comes meanwhile: many clients take their time.
          if wasLate || step.mayHaveMissed { group.addTask { await onLoss() } }
        }
        if membership.withLock(\.hasPeers) {
          await link.wait(atMost: Self.interval)
        } else {
          // Cancelled, it ends the loop.
          do { try await Task.sleep(for: Self.intervalAlone) } catch { return }
        }
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

  /// The database is another than before, or another state of it: this node comes among the others anew.
  func reset() {
    // Those who have not noticed yet do not miss it.
    relay.tell(.leaving)
    link.reset()
  }

  /// Tells the others all that there is to tell, and says goodbye.
  func close() async {
    relay.tell(.leaving)
    await relay.close()
    let beating = beating.withLock { $0 }
    beating?.cancel()
    await beating?.value
    await pulse.close()
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
      look = try await link.look(mayJudge: pulse.maySeeOthersDead)
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
      let isKnown = membership.withLock { membership in
        membership.hear(events, from: node)
        return membership.knows(node)
      }
      await chat.hear(isKnown ? events : events.filter { !$0.isComing }, from: node)
      if events.contains(.overflowed) { mayHaveMissed = true }
    }
    if let listed = look.listed {
      let change = membership.withLock { $0.see(listed) }
      for node in change.lost {
        logger.warning("a node is gone", metadata: ["node": "\(node)"])
        await chat.forget(node, recording: look.removed.contains(node))
        mayHaveMissed = true
      }
      meet(listed, hasNewcomers: change.hasNewcomers, chat)
    }
    relay.wake()
    return Step(
      isNew: look.isNew, isComplete: membership.withLock(\.isComplete),
      mayHaveMissed: mayHaveMissed)
  }

  private func meet(_ others: Set<NodeID>, hasNewcomers: Bool, _ chat: Chat) {
    guard !others.isEmpty, let node = link.node?.id else { return relay.shut() }
    relay.open(as: node)
    if hasNewcomers {
      logger.notice("other nodes serve, too", metadata: ["others": "\(others.count)"])
    }
    let isDue = introducedAt.withLock { last in
      let now = ContinuousClock.now
      guard relay.takeOverflow() || hasNewcomers || last + Self.introduction <= now else {
        return false
      }
      last = now
      return true
    }
    if isDue { chat.hub.introduce() }
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
