import TestSupport

/// Faults at random, without end, the same from the same seed, and the waits between them.
public struct FaultSequence: Sequence, IteratorProtocol {
  /// A fault, and how long to wait before it.
  public struct Element: Hashable, Sendable {
    public let wait: Duration
    public let fault: Fault
  }

  private let kinds: [Fault.Kind]
  private let meanWait: Duration
  private let longest: Duration
  private var random: SeededGenerator

  /// - Parameters:
  ///   - kinds: What may go wrong; without any, nothing does.
  ///   - meanWait: Waits are spread evenly from none to twice as long.
  ///   - longest: Longer faults are cut short.
  public init(
    seed: UInt64, of kinds: Set<Fault.Kind> = Set(Fault.Kind.allCases), meanWait: Duration,
    longest: Duration = .seconds(12)
  ) {
    // Not in the order of the set, which is another in each process.
    self.kinds = Fault.Kind.allCases.filter(kinds.contains)
      .flatMap { Array(repeating: $0, count: $0.weight) }
    self.meanWait = meanWait
    self.longest = longest
    random = SeededGenerator(seed: seed)
  }

  public mutating func next() -> Element? {
    guard let kind = kinds.randomElement(using: &random) else { return nil }
    let wait = meanWait * Double.random(in: 0...2, using: &random)
    // Most are short, and one in ten is long enough for timers to run out.
    let isLong = Int.random(in: 0..<10, using: &random) == 0
    let seconds = Double.random(in: isLong ? 3...12 : 0.05...2.5, using: &random)
    return Element(
      wait: wait,
      fault: Fault(
        kind: kind, duration: Swift.min(longest, .milliseconds(Int64(seconds * 1000))),
        victim: Double.random(in: 0...1, using: &random),
        strength: Double.random(in: 0...1, using: &random)))
  }
}
