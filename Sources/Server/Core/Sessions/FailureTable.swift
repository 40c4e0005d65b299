/// How long to wait after failures.
struct FailurePolicy: Sendable {
  /// So many failures cost no wait.
  let free: Int
  /// The wait after those. It doubles with each further one.
  let firstWait: Duration
  let longestWait: Duration

  func wait(after failures: Int) -> Duration {
    guard failures >= free else { return .zero }
    let doublings = min(failures - free, 30)
    return min(firstWait * (1 << doublings), longestWait)
  }
}

/// A failure that was counted and may turn out to have been none.
struct FailureMark: Sendable {
  fileprivate let time: ContinuousClock.Instant
  /// When the one before it was.
  fileprivate let previous: ContinuousClock.Instant?
}

/// Counts failures for each of many, and says how long each has to wait before it may try again.
///
/// It is bounded: beyond ``capacity`` those go first whose last failure is longest ago.
struct FailureTable<Key: Hashable & Sendable>: Sendable {
  typealias Instant = ContinuousClock.Instant

  private struct Entry {
    let failures: Int
    let latest: Instant
  }

  /// Who has not failed for so long starts afresh.
  private static var memory: Duration { .seconds(3600) }

  private let capacity: Int
  private var entries: [Key: Entry] = [:]

  init(capacity: Int = 100_000) {
    self.capacity = capacity
  }

  var count: Int { entries.count }

  func failures(of key: Key, at now: Instant) -> Int {
    guard let entry = entries[key], now - entry.latest < Self.memory else { return 0 }
    return entry.failures
  }

  /// How long until another try is allowed; zero or less when it is.
  func wait(for key: Key, under policy: FailurePolicy, at now: Instant) -> Duration {
    guard let entry = entries[key], now - entry.latest < Self.memory else { return .zero }
    return entry.latest + policy.wait(after: entry.failures) - now
  }

  @discardableResult
  mutating func failed(_ key: Key, at now: Instant) -> FailureMark {
    let previous = entries[key].flatMap { now - $0.latest < Self.memory ? $0 : nil }
    entries[key] = Entry(failures: (previous?.failures ?? 0) + 1, latest: now)
    if entries.count > capacity { shrink(at: now) }
    return FailureMark(time: now, previous: previous?.latest)
  }

  /// A failure was none: everything is as before it, but for those that came since.
  mutating func takeBack(_ key: Key, _ mark: FailureMark) {
    guard let entry = entries.removeValue(forKey: key), entry.failures > 1 else { return }
    let latest = entry.latest == mark.time ? mark.previous : nil
    entries[key] = Entry(failures: entry.failures - 1, latest: latest ?? entry.latest)
  }

  mutating func forget(_ key: Key) { entries[key] = nil }

  /// Makes so much room at once that it is seldom needed.
  private mutating func shrink(at now: Instant) {
    entries = entries.filter { now - $0.value.latest < Self.memory }
    guard entries.count > capacity else { return }
    let newest = entries.sorted { $0.value.latest > $1.value.latest }.prefix(capacity / 2)
    entries = Dictionary(uniqueKeysWithValues: newest.map { ($0.key, $0.value) })
  }
}
