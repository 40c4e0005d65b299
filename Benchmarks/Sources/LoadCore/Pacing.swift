/// When messages are sent.
public enum Pacing: Equatable, Sendable {
  /// Each pair has so many under way: the next is sent when one is through.
  case window(Int)
  /// So many a second by all pairs together, evenly, whatever becomes of them.
  case rate(Double)

  /// When a message of a steady rate is due: those of one millisecond together, as no more can be told apart
  /// by who sleeps until then.
  ///
  /// - Parameters:
  ///   - index: the message's number among those of all pairs.
  ///   - start: when the first is due, in nanoseconds.
  public static func due(_ index: Int, perSecond rate: Double, from start: Int64) -> Int64 {
    start + Int64(Double(index) * 1000 / rate) * 1_000_000
  }
}
