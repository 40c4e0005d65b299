import LoadCore
import Synchronization

/// One run: pairs of accounts, of which the one talks and the other listens.
final class Run: Sendable {
  struct Plan: Sendable {
    let pairs: Int
    let pacing: Pacing
    /// What is sent in these first seconds is not measured.
    let warmUp: Double
    /// How long is measured, in seconds.
    let seconds: Double
    /// So many of the listeners read one message a second.
    let slow: Int
  }

  private let plan: Plan
  private let driver: any Driver
  private let texts: Texts
  private let measured: Range<Int64>
  private let ledger: Mutex<Ledger>
  private let failure = Mutex<(any Error)?>(nil)
  private let speakers: Mutex<[any Speaker]> = Mutex([])

  init(_ plan: Plan, driver: any Driver, texts: Texts, start: Int64) {
    self.plan = plan
    self.driver = driver
    self.texts = texts
    let begin = start + Int64(plan.warmUp * 1e9)
    measured = begin..<begin + Int64(plan.seconds * 1e9)
    ledger = Mutex(
      Ledger(pairs: plan.pairs, measured: measured, acknowledges: driver.acknowledges))
  }

  /// Account numbers: those who talk first, then those who listen.
  static func accounts(ofPairs pairs: Int) -> (talking: Range<Int>, listening: Range<Int>) {
    (0..<pairs, pairs..<2 * pairs)
  }

  private func send(_ pair: Int, due: Int64) {
    let number = ledger.withLock { $0.send(pair: pair, due: due) }
    let speaker = speakers.withLock { $0[pair] }
    speaker.say(texts.body(pair: pair, number: number), to: plan.pairs + pair) { [self] result in
      switch result {
      case .failure(let error): failure.withLock { $0 = $0 ?? error }
      case .success:
        let time = now()
        if ledger.withLock({ $0.acknowledge(pair: pair, number: number, at: time) }) {
          through(pair, at: time)
        }
      }
    }
  }

  func received(_ body: Substring.UTF8View) {
    let time = now()
    guard let (pair, number) = Texts.place(of: body) else { return }
    if ledger.withLock({ $0.deliver(pair: pair, number: number, at: time) }) {
      through(pair, at: time)
    }
  }

  private func through(_ pair: Int, at time: Int64) {
    if case .window = plan.pacing, time < measured.upperBound { send(pair, due: time) }
  }

  /// Sends and measures, then waits until nothing is under way.
  func run(speakers talking: [any Speaker]) async throws -> Report {
    speakers.withLock { $0 = talking }
    switch plan.pacing {
    case .window(let size):
      for _ in 0..<size { for pair in 0..<plan.pairs { send(pair, due: now()) } }
    case .rate: break
    }
    let pacer = Task { try await pace() }
    try await sleep(until: measured.lowerBound)
    let before = processorSeconds()
    try await sleep(until: measured.upperBound)
    let processor = processorSeconds() - before
    try await pacer.value
    // A receiver that reads one message a second has not read all of them for a long time.
    let patience = now() + 30_000_000_000
    while plan.slow == 0, ledger.withLock({ $0.isOpen }), failure.withLock({ $0 == nil }),
      now() < patience
    {
      try await Task.sleep(for: .milliseconds(10))
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return ledger.withLock { Report($0, seconds: plan.seconds, processor: processor) }
  }

  /// Sends at a steady rate. Whatever the clock has passed by meanwhile is sent at once, as due when it
  /// was.
  private func pace() async throws {
    guard case .rate(let rate) = plan.pacing else { return }
    var index = 0
    let start = measured.lowerBound - Int64(plan.warmUp * 1e9)
    while true {
      let due = Pacing.due(index, perSecond: rate, from: start)
      guard due < measured.upperBound else { return }
      try await sleep(until: due)
      send(index % plan.pairs, due: due)
      index += 1
    }
  }

  private func sleep(until time: Int64) async throws {
    let wait = time - now()
    if wait > 0 { try await Task.sleep(for: .nanoseconds(wait)) }
  }
}

/// What a run has found, as it is printed: a JSON object.
struct Report: Codable {
  let sent: Int
  let acknowledged: Int
  let delivered: Int
  let doubled: Int
  let disordered: Int
  /// Messages delivered in each measured second.
  let rate: Double
  /// Milliseconds.
  let acknowledgement: Ledger.Latencies?
  let delivery: Ledger.Latencies?
  /// How much of a processor this program has had itself.
  let processor: Double

  init(_ ledger: Ledger, seconds: Double, processor: Double) {
    sent = ledger.sent
    acknowledged = ledger.acknowledged
    delivered = ledger.delivered
    doubled = ledger.doubled
    disordered = ledger.disordered
    rate = Double(ledger.deliveredInTime) / seconds
    acknowledgement = ledger.acknowledgement
    delivery = ledger.delivery
    self.processor = processor / seconds
  }
}
