import MartletProtocol

/// How far a transfer is, and how fast it goes.
public struct TransferMeter: Hashable, Sendable {
  /// How many bytes there are in all.
  let total: Int64
  /// How many are there.
  private(set) var bytes: Int64
  /// Bytes per second of late; `nil` until that can be said.
  private(set) var rate: Int64?
  private var sample: (bytes: Int64, at: Timestamp)?

  /// How long is measured for one rate, in milliseconds.
  private static let window: Int64 = 500
  /// A size is the server's, and may be anything; sums with this one do not overflow.
  private static let largest: Int64 = 1 << 50

  init(total: Int64, bytes: Int64 = 0) {
    self.total = min(max(0, total), Self.largest)
    self.bytes = min(max(0, bytes), self.total)
  }

  /// Takes note of how far it is.
  mutating func note(_ bytes: Int64, at now: Timestamp) {
    self.bytes = min(max(0, bytes), total)
    guard let last = sample, self.bytes >= last.bytes else {
      // The first sign, or a transfer that began again.
      sample = (self.bytes, now)
      return
    }
    let passed = now.milliseconds(since: last.at)
    guard passed >= Self.window else { return }
    let measured = (self.bytes - last.bytes) * 1000 / passed
    // Half of what was, so that the number can be read.
    rate = rate.map { ($0 + measured) / 2 } ?? measured
    sample = (self.bytes, now)
  }

  /// 0 to 100; 100 only when all is there.
  var percent: Int64 { total == 0 ? 100 : bytes * 100 / total }

  /// `[█████░░░] 62 % 3.1 MB/s`.
  func text(_ symbols: Symbols, cells: Int = 8) -> String {
    let filled = Int(percent) * cells / 100
    let bar =
      String(repeating: symbols.barFilled, count: filled)
      + String(repeating: symbols.barEmpty, count: cells - filled)
    let speed = rate.map { " \(ByteCount.text($0))/s" } ?? ""
    return "[\(bar)] \(percent) %\(speed)"
  }

  public static func == (left: TransferMeter, right: TransferMeter) -> Bool {
    left.total == right.total && left.bytes == right.bytes && left.rate == right.rate
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(total)
    hasher.combine(bytes)
    hasher.combine(rate)
  }
}
