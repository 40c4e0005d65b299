public import MartletProtocol

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The clocks and the chance that a client lives by, to be replaced in tests.
public struct ClientTime: Sendable {
  /// Time that stands still while the machine sleeps.
  public var uptime: @Sendable () -> Duration
  /// Time of day.
  public var wall: @Sendable () -> Timestamp
  /// Waits; time in which the machine sleeps counts. Throws when cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// A random number from 0 to 1.
  public var fraction: @Sendable () -> Double

  /// Brings one's own clocks.
  public init(
    uptime: @escaping @Sendable () -> Duration, wall: @escaping @Sendable () -> Timestamp,
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    fraction: @escaping @Sendable () -> Double
  ) {
    self.uptime = uptime
    self.wall = wall
    self.sleep = sleep
    self.fraction = fraction
  }

  /// The machine's clocks.
  public static let system = ClientTime(
    uptime: { origin.duration(to: .now) },
    wall: {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    },
    sleep: { try await Task.sleep(for: $0, clock: .continuous) },
    fraction: { Double.random(in: 0...1) })

  private static let origin = SuspendingClock.now
}
