/// How far somebody has read in a log whose entries get their numbers before they are committed: so a
/// smaller number may appear after a larger one.
///
/// It remembers the numbers that it has not seen below the largest that it has, each until every transaction
/// is over that had begun when the gap was found: then nobody has it any more, as that of a transaction that
/// was rolled back.
public struct EventCursor: Equatable, Sendable {
  /// The largest number that was seen.
  public private(set) var newest: Int64
  /// The numbers below that may still appear, with the transaction from which on all have begun later.
  private var gaps: [Int64: Int64] = [:]

  /// Begins behind an entry.
  public init(after newest: Int64) { self.newest = newest }

  /// The numbers to look for besides those after ``newest``.
  public var missing: [Int64] { gaps.keys.sorted() }

  /// Takes note of what was read.
  ///
  /// - Parameters:
  ///   - numbers: those of the entries that were found.
  ///   - oldest: the oldest transaction that was still running when it was read (`pg_snapshot_xmin`).
  ///   - next: the first that had not begun (`pg_snapshot_xmax`).
  public mutating func take(_ numbers: [Int64], oldest: Int64, next: Int64) {
    for number in numbers.sorted() {
      if number > newest {
        for missing in (newest + 1)..<number { gaps[missing] = next }
        newest = number
      } else {
        gaps[number] = nil
      }
    }
    gaps = gaps.filter { $0.value > oldest }
  }
}
