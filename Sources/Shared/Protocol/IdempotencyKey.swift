/// The name that a sender gives a message before the server has seen it: a UUID, version 7 when made
/// here (RFC 9562, section 5.7), so that the keys of one sender arrive in index order.
///
/// A key is used once per sender, for ever: the same key sent again is answered with the place that
/// the first one got.
public struct IdempotencyKey: UUIDIdentifier {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Makes a version 7 UUID from a time and 74 random bits.
  public init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
    let milliseconds = UInt64(max(0, time.milliseconds)) & 0xFFFF_FFFF_FFFF
    let random = generator.next()
    high = milliseconds << 16 | 0x7000 | (random & 0x0FFF)
    low = 0x8000_0000_0000_0000 | (generator.next() >> 2)
  }

  /// Makes a version 7 UUID from a time and the system's random numbers.
  public init(at time: Timestamp) {
    var generator = SystemRandomNumberGenerator()
    self.init(at: time, using: &generator)
  }
}
