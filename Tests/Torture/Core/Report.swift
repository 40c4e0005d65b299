import MartletProtocol

/// What a trial came to, for people.
public struct Report: Sendable, CustomStringConvertible {
  public let seed: UInt64
  /// How often each kind of fault was brought about; those that are not there were not to be.
  public let faults: [Fault.Kind: Int]
  /// When it ended, as a date.
  public let date: String
  /// What of, in which versions.
  public let versions: String
  public let machine: String
  /// How long faults went on, and how long it took until everybody had caught up.
  public let duration: (faults: Duration, settling: Duration)
  public let violations: [Violation]
  private let tally: Tally

  public init(
    seed: UInt64, faults: [Fault.Kind: Int], date: String, versions: String, machine: String,
    duration: (faults: Duration, settling: Duration), journals: [Journal], database: DatabaseRows
  ) {
    self.seed = seed
    self.faults = faults
    self.date = date
    self.versions = versions
    self.machine = machine
    self.duration = duration
    violations = Checker.violations(in: journals, against: database)
    tally = Tally(journals, database)
  }

  public var description: String {
    var lines = [
      "seed          \(seed)",
      "date          \(date)",
      "machine       \(machine)",
      "versions      \(versions)",
      "clients       \(tally.clients), restarted \(tally.restarts) times",
      "conversations \(tally.conversations), cleared \(tally.clears) times",
      "messages      \(tally.written) written, \(tally.acknowledged) acknowledged, "
        + "\(tally.failed) visibly failed",
      "              \(tally.keys) stored, \(tally.stored) there at the end, "
        + "\(tally.keys - tally.stored) cleared",
      "              \(tally.received) received, \(tally.byHistory) of them from history",
      "time          \(duration.faults.components.seconds) s of faults, "
        + "\(duration.settling.components.seconds) s until all had caught up",
      "faults        \(faults.values.reduce(0, +))",
    ]
    for kind in Fault.Kind.allCases {
      lines.append("  \(kind.rawValue): \(faults[kind].map(String.init) ?? "left out")")
    }
    lines.append("violations    \(violations.count)")
    lines += violations.prefix(100).map { "  \($0)" }
    return lines.joined(separator: "\n")
  }

  private struct Tally {
    let clients: Int
    var restarts = 0
    var written = 0
    var acknowledged = 0
    var failed = 0
    var received = 0
    var byHistory = 0
    var clears = 0
    let conversations: Int
    let stored: Int
    let keys: Int

    init(_ journals: [Journal], _ database: DatabaseRows) {
      clients = journals.count
      conversations = database.conversations.count
      stored = database.messages.count
      keys = database.keys.count
      for journal in journals {
        var known: Set<IdempotencyKey> = []
        restarts -= 1
        for entry in journal.entries {
          switch entry {
          case .started: restarts += 1
          case .intent: written += 1
          // A resend may be answered again.
          case .acknowledged(let key, _): if known.insert(key).inserted { acknowledged += 1 }
          case .failed: failed += 1
          case .received(let receipt):
            received += 1
            if receipt.source == .history { byHistory += 1 }
          case .cleared(_, .reply): clears += 1
          case .signedIn, .clearing, .cleared, .stopped: break
          }
        }
      }
    }
  }
}
