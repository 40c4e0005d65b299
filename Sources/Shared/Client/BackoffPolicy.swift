/// How long to wait before connecting again: exponential backoff with full jitter
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter), so that the clients of
/// a restarted server do not all come back at once.
public struct BackoffPolicy: Hashable, Sendable {
  /// The longest wait before the second attempt.
  public var base: Duration
  /// The longest wait before any attempt.
  public var maximum: Duration

  /// Makes a policy; the defaults are half a second, doubling to half a minute.
  public init(base: Duration = .milliseconds(500), maximum: Duration = .seconds(30)) {
    self.base = base
    self.maximum = maximum
  }

  /// The longest wait after a number of failures in a row, the first being 1.
  public func ceiling(afterFailures failures: Int) -> Duration {
    // 2^20 times any sensible base is past any sensible maximum, and far from overflow.
    min(maximum, base * (1 << (min(max(1, failures), 21) - 1)))
  }

  /// The wait after a number of failures in a row.
  ///
  /// - Parameters:
  ///   - floor: What the server asked for; jitter is added to it, never taken from it.
  ///   - fraction: A random number from 0 to 1.
  public func delay(afterFailures failures: Int, floor: Duration = .zero, fraction: Double)
    -> Duration
  {
    floor + ceiling(afterFailures: failures) * min(max(0, fraction), 1)
  }
}
