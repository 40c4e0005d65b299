/// Counts what goes wrong on one transfer, and says when it has been too often.
struct TransferFailures: Hashable, Sendable {
  /// How often in a row, without a byte of progress between, before it is given up: with the usual
  /// backoff some minutes.
  static let maximum = 12

  private(set) var count = 0

  /// Something moved: what failed before does not count.
  mutating func progressed() { count = 0 }

  /// - Returns: `false` when it is enough.
  mutating func failed() -> Bool {
    count += 1
    return count < Self.maximum
  }
}
