/// Something that goes wrong, for a time, and is healed.
public struct Fault: Hashable, Sendable {
  /// What goes wrong.
  public enum Kind: String, CaseIterable, Sendable {
    case serverKilled = "server killed"
    case serverRestarted = "server restarted"
    case databaseStopped = "database stopped at once"
    case databaseKilled = "database killed"
    case primaryKilled = "primary database killed"
    case backendKilled = "database backend killed"
    case connectionCut = "connection cut"
    case connectionHalfOpen = "connection half-open"
    case linkStalled = "link stalled one way"
    case linkDelayed = "link delayed"
    case linkThrottled = "link throttled"
    case serverPaused = "server paused"
    case databasePaused = "database paused"
    case clientPaused = "client paused"
    case clientKilled = "client killed"
    case clockJumped = "clock jumped"
    case diskFull = "disk full"
    case historyCleared = "history cleared amid sends"

    /// What may befall one server with a database of its own.
    public static let ofOneServer = Set(allCases).subtracting([.primaryKilled])
    /// What may befall several servers on a database with a standby. Nobody starts one again that was
    /// killed, and their disk is the machine's.
    public static let ofSeveralServers = Set(allCases)
      .subtracting([.databaseStopped, .databaseKilled, .diskFull])

    /// How often it comes, compared to the others: what takes everything down for seconds is rare, so
    /// that there is something to break in between.
    var weight: Int {
      switch self {
      case .serverKilled: 10
      case .serverRestarted: 3
      case .databaseStopped: 4
      case .databaseKilled: 3
      case .primaryKilled: 8
      case .backendKilled: 4
      case .connectionCut: 14
      case .connectionHalfOpen: 6
      case .linkStalled: 8
      case .linkDelayed: 6
      case .linkThrottled: 5
      case .serverPaused: 5
      case .databasePaused: 4
      case .clientPaused: 6
      case .clientKilled: 12
      case .clockJumped: 5
      case .diskFull: 2
      case .historyCleared: 8
      }
    }
  }

  public let kind: Kind
  /// How long it lasts, or how long what was killed stays down.
  public let duration: Duration
  /// Whom it meets, from 0 to 1: the runner makes a client of it, or a process.
  public let victim: Double
  /// How bad it is, from 0 to 1, where there are degrees.
  public let strength: Double

  public init(kind: Kind, duration: Duration, victim: Double, strength: Double) {
    self.kind = kind
    self.duration = duration
    self.victim = victim
    self.strength = strength
  }

  /// Chooses among a number of things, at least one.
  public func choose(of count: Int) -> Int { min(Int(victim * Double(count)), count - 1) }
}
