import FoundationEssentials
import MartletProtocol
import NIOCore

/// The client's side of one WebSocket: which requests wait, what has been heard, how it ends. It
/// performs nothing; every input returns what is to be done, in order.
struct ConnectionState {
  /// Takes a request's outcome; returns what is wrong with the reply, if anything.
  typealias Answer = @Sendable (Result<Data, ClientError>) -> BadFrame?

  enum Output {
    case text(Data)
    case ping
    case pong(ByteBuffer)
    case closeFrame(code: UInt16)
    case push(ServerPush)
    case answer(Answer, Result<Data, ClientError>)
    /// Close the socket, now.
    case disconnect
    /// The socket is gone and nothing will ever come again.
    case ended(CloseReason)
  }

  private enum Phase {
    case open
    /// No more is taken in either direction; the socket is to be gone by the deadline.
    case closing(CloseReason, until: NIODeadline)
    case ended(CloseReason)
  }

  /// A request of which the caller waits for the reply.
  private struct Pending {
    let answer: Answer
    let deadline: NIODeadline
  }

  /// How long the server may take to answer a close frame (RFC 6455, section 7.1.1).
  private static let closeTimeout = TimeAmount.seconds(2)
  /// How long a server that is being probed may stay silent.
  private static let probeTimeout = TimeAmount.seconds(5)

  private let options: ConnectionOptions
  private var limits = Limits()
  private var phase = Phase.open
  private var pending: [Int64: Pending] = [:]
  /// Ids of requests by deadline, those already answered among them.
  private var deadlines = CircularBuffer<Int64>()
  /// Requests and notifications that wait for a place among `Limits.pendingRequests`, in order; a
  /// notification has no id.
  private var held = CircularBuffer<(id: Int64?, frame: Data)>()
  private var unanswered: Set<Int64> = []
  /// How long the server may be silent; `nil` until it has said how often it pings.
  private var silenceLimit: TimeAmount?
  private var lastHeard: NIODeadline
  private var probeDeadline: NIODeadline?

  /// How many requests may wait for their answers; with none at all nothing could ever be asked.
  private var places: Int { max(1, limits.pendingRequests) }

  init(options: ConnectionOptions, now: NIODeadline) {
    self.options = options
    lastHeard = now
  }

  /// When ``tick(now:)`` is wanted next.
  var nextDeadline: NIODeadline? {
    switch phase {
    case .open:
      let reply = deadlines.first.flatMap { pending[$0]?.deadline }
      let silence = silenceLimit.map { lastHeard + $0 }
      return [reply, silence, probeDeadline].compactMap { $0 }.min()
    case .closing(_, let until): return until
    case .ended: return nil
    }
  }

  // MARK: What the owner does

  mutating func request(_ frame: Data, id: Int64, now: NIODeadline, answer: @escaping Answer)
    -> [Output]
  {
    switch phase {
    case .open: break
    case .closing(let reason, _), .ended(let reason):
      return [.answer(answer, .failure(.disconnected(reason)))]
    }
    guard frame.count <= limits.frameBytes else { return [.answer(answer, .failure(.tooMuch))] }
    let mustWait = unanswered.count >= places || !held.isEmpty
    guard !mustWait || held.count < options.maximumQueuedRequests else {
      return [.answer(answer, .failure(.tooMuch))]
    }
    pending[id] = Pending(answer: answer, deadline: now + TimeAmount(options.replyTimeout))
    deadlines.append(id)
    if mustWait {
      held.append((id, frame))
      return []
    }
    unanswered.insert(id)
    return [.text(frame)]
  }

  /// Sends what wants no answer, behind every request made before. It is dropped when it cannot be
  /// sent.
  mutating func notify(_ frame: Data) -> [Output] {
    guard case .open = phase, frame.count <= limits.frameBytes else { return [] }
    guard held.isEmpty else {
      if held.count < options.maximumQueuedRequests { held.append((nil, frame)) }
      return []
    }
    return [.text(frame)]
  }

  /// Gives a request up; its reply will be ignored.
  mutating func cancel(id: Int64) -> [Output] {
    finish(id: id, with: .failure(.cancelled))
  }

  mutating func greeted(limits: Limits) {
    self.limits = limits
    // Held to an hour each, and to a second together, as the numbers are the server's and may be anything.
    let (ping, pong) = (
      min(limits.pingMilliseconds, 3_600_000), min(max(0, limits.pongMilliseconds), 3_600_000)
    )
    // A server that never pings is believed to be there for as long as the socket is.
    silenceLimit = ping > 0 ? .milliseconds(Int64(max(1000, ping + pong))) : nil
  }

  /// Asks the server for a sign of life, to be given within seconds.
  mutating func probe(now: NIODeadline) -> [Output] {
    guard case .open = phase, probeDeadline == nil else { return [] }
    probeDeadline = now + Self.probeTimeout
    return [.ping]
  }

  mutating func close(now: NIODeadline) -> [Output] {
    guard case .open = phase else { return [] }
    return leave(for: .closedHere, now: now, outputs: [.closeFrame(code: 1000)])
  }

  /// Ends the connection because pushes were not taken.
  mutating func fellBehind(now: NIODeadline) -> [Output] {
    guard case .open = phase else { return [] }
    return leave(
      for: .fellBehind, now: now, outputs: [.closeFrame(code: CloseCode.goingAway.rawValue)],
      then: [.disconnect])
  }

  // MARK: What the server does

  mutating func received(text: Data, now: NIODeadline) -> [Output] {
    guard case .open = phase else { return [] }
    heard(now: now)
    do {
      switch try ServerFrame(frame: text) {
      case .push(let push): return [.push(push)]
      case .reply(.number(let id)): return finish(id: id, with: .success(text))
      case .failure(.number(let id)?, let error):
        return finish(id: id, with: .failure(.refused(error)))
      case .reply(.text), .failure(.text?, _): return violation(.notAMessage, now: now)
      case .failure(nil, _): return violation(.unreadableRequest, now: now)
      }
    } catch {
      return violation(.notAMessage, now: now)
    }
  }

  mutating func received(ping data: ByteBuffer, now: NIODeadline) -> [Output] {
    guard case .open = phase else { return [] }
    heard(now: now)
    return [.pong(data)]
  }

  mutating func receivedPong(now: NIODeadline) { heard(now: now) }

  mutating func receivedClose(code: UInt16, reason: String, now: NIODeadline) -> [Output] {
    switch phase {
    case .open:
      // 1005 stands for "no status" and may not be sent.
      return leave(
        for: .closedByServer(code: code, reason: reason), now: now,
        outputs: [.closeFrame(code: code == 1005 ? 1000 : code)], then: [.disconnect])
    case .closing: return [.disconnect]
    case .ended: return []
    }
  }

  mutating func violation(_ frame: BadFrame, now: NIODeadline) -> [Output] {
    guard case .open = phase else { return [] }
    return leave(
      for: .badFrame(frame), now: now, outputs: [.closeFrame(code: frame.closeCode.rawValue)],
      then: [.disconnect])
  }

  mutating func socketClosed(because cause: String, now: NIODeadline) -> [Output] {
    switch phase {
    case .open:
      let failures = leave(for: .lost(cause), now: now, outputs: [])
      phase = .ended(.lost(cause))
      return failures + [.ended(.lost(cause))]
    case .closing(let reason, _):
      phase = .ended(reason)
      return [.ended(reason)]
    case .ended: return []
    }
  }

  // MARK: What the clock does

  mutating func tick(now: NIODeadline) -> [Output] {
    switch phase {
    case .open: break
    case .closing(_, let until): return now >= until ? [.disconnect] : []
    case .ended: return []
    }
    let silent = silenceLimit.map { lastHeard + $0 <= now } ?? false
    if silent || probeDeadline.map({ $0 <= now }) ?? false {
      return leave(for: .silent, now: now, outputs: [], then: [.disconnect])
    }
    var outputs: [Output] = []
    while let id = deadlines.first, let request = pending[id], request.deadline <= now {
      outputs += finish(id: id, with: .failure(.timedOut))
    }
    return outputs
  }

  // MARK: Parts

  private mutating func heard(now: NIODeadline) {
    lastHeard = now
    probeDeadline = nil
  }

  /// Hands a request its outcome and lets those held back go. A reply that nobody waits for is that
  /// of a request given up.
  private mutating func finish(id: Int64, with outcome: Result<Data, ClientError>) -> [Output] {
    // What was given up here is still being worked on there, and counts until it is answered.
    let isAnswered =
      switch outcome {
      case .success, .failure(.refused): true
      case .failure: false
      }
    if isAnswered { unanswered.remove(id) }
    var outputs: [Output] = []
    if let request = pending.removeValue(forKey: id) {
      outputs.append(.answer(request.answer, outcome))
    }
    while let first = deadlines.first, pending[first] == nil { deadlines.removeFirst() }
    return outputs + release()
  }

  private mutating func release() -> [Output] {
    var outputs: [Output] = []
    while let next = held.first {
      if let id = next.id, pending[id] != nil {
        guard unanswered.count < places else { break }
        unanswered.insert(id)
        outputs.append(.text(next.frame))
      } else if next.id == nil {
        outputs.append(.text(next.frame))
      }
      held.removeFirst()
    }
    return outputs
  }

  /// Leaves the open phase and fails whatever waits, in the order it was asked.
  private mutating func leave(
    for reason: CloseReason, now: NIODeadline, outputs: [Output], then last: [Output] = []
  ) -> [Output] {
    phase = .closing(reason, until: now + Self.closeTimeout)
    let failures = pending.sorted { $0.key < $1.key }.map { entry in
      Output.answer(entry.value.answer, .failure(.disconnected(reason)))
    }
    pending = [:]
    unanswered = []
    deadlines.removeAll()
    held.removeAll()
    return outputs + failures + last
  }
}
