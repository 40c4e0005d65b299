/// Counts what goes wrong on one transfer, and says when it has been too often.
struct TransferFailures: Hashable, Sendable {
  /// How often in a row, without a byte of progress between, before it is given up: with the usual
  /// backoff some minutes.
  static let maximum = 12

  private(set) var count = 0
  private var furthest: Int64 = 0

  /// So many bytes of the file are there. When they never were so many, what failed before does not
  /// count; a server that lets the same bytes be sent again and again ends it.
  mutating func reached(_ offset: Int64) {
    guard offset > furthest else { return }
    furthest = offset
    count = 0
  }

  /// - Returns: `false` when it is enough.
  mutating func failed() -> Bool {
    count += 1
    return count < Self.maximum
  }
}
