import Histogram

/// What became of the messages of one run.
///
/// Latencies are counted from the moment at which a message was to be sent, not from when the sender got
/// round to it, so that a server that stalls everything cannot hide it ("coordinated omission"). Times are
/// nanoseconds of one clock.
public struct Ledger {
  /// What happened to one message so far.
  private struct Entry {
    let due: Int64
    var isAcknowledged = false
    var isDelivered = false
  }

  /// Which messages count: those delivered from the one time up to the other.
  private let measured: Range<Int64>
  private let mustAcknowledge: Bool
  private var entries: [[Entry]]
  private var acknowledging = Ledger.histogram()
  private var delivering = Ledger.histogram()

  /// Messages handed to the server.
  public private(set) var sent = 0
  /// Messages that the server has said to be durable.
  public private(set) var acknowledged = 0
  /// Messages that the receiver has got, once each.
  public private(set) var delivered = 0
  /// Messages that the receiver has got before.
  public private(set) var doubled = 0
  /// Messages that arrived before one that was sent earlier.
  public private(set) var disordered = 0
  /// Messages delivered in the measured time.
  public private(set) var deliveredInTime = 0
  private var last: [Int]

  /// - Parameter acknowledges: whether the server says when a message is durable.
  public init(pairs: Int, measured: Range<Int64>, acknowledges: Bool) {
    self.measured = measured
    mustAcknowledge = acknowledges
    entries = Array(repeating: [], count: pairs)
    last = Array(repeating: -1, count: pairs)
  }

  /// From a microsecond to two minutes, to three digits.
  private static func histogram() -> Histogram<UInt32> {
    Histogram(highestTrackableValue: 120_000_000, numberOfSignificantValueDigits: .three)
  }

  /// A message is sent that was due then. Returns its number among those of its pair.
  public mutating func send(pair: Int, due: Int64) -> Int {
    entries[pair].append(Entry(due: due))
    sent += 1
    return entries[pair].count - 1
  }

  /// The server says that a message is durable. Returns whether nothing more is to become of it.
  public mutating func acknowledge(pair: Int, number: Int, at now: Int64) -> Bool {
    guard entries[pair].indices.contains(number), !entries[pair][number].isAcknowledged else {
      return false
    }
    entries[pair][number].isAcknowledged = true
    acknowledged += 1
    if measured.contains(now) {
      acknowledging.record(Self.microseconds(now - entries[pair][number].due))
    }
    return entries[pair][number].isDelivered
  }

  /// A message has arrived. Returns whether nothing more is to become of it.
  public mutating func deliver(pair: Int, number: Int, at now: Int64) -> Bool {
    guard entries.indices.contains(pair), entries[pair].indices.contains(number) else {
      return false
    }
    guard !entries[pair][number].isDelivered else {
      doubled += 1
      return false
    }
    entries[pair][number].isDelivered = true
    delivered += 1
    if number < last[pair] { disordered += 1 }
    last[pair] = number
    if measured.contains(now) {
      deliveredInTime += 1
      delivering.record(Self.microseconds(now - entries[pair][number].due))
    }
    return entries[pair][number].isAcknowledged || !mustAcknowledge
  }

  /// Whether something is still to become of some message.
  public var isOpen: Bool { delivered < sent || mustAcknowledge && acknowledged < sent }

  private static func microseconds(_ nanoseconds: Int64) -> UInt64 {
    UInt64(max(1, nanoseconds / 1000))
  }

  /// The latencies of some event, in milliseconds.
  public struct Latencies: Codable, Equatable, Sendable {
    public let p50: Double
    public let p90: Double
    public let p99: Double
    public let p999: Double
    public let longest: Double
  }

  /// From when messages were due until they were acknowledged; `nil` when none was.
  public var acknowledgement: Latencies? { Self.latencies(acknowledging) }
  /// From when messages were due until they arrived; `nil` when none did.
  public var delivery: Latencies? { Self.latencies(delivering) }

  private static func latencies(_ histogram: Histogram<UInt32>) -> Latencies? {
    guard histogram.totalCount > 0 else { return nil }
    let at = { (percentile: Double) in
      Double(histogram.valueAtPercentile(percentile)) / 1000
    }
    return Latencies(
      p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), longest: at(100))
  }
}
