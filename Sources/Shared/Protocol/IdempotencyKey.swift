/// The name that a sender gives a message before the server has seen it: a UUID, version 7 when made
/// here (RFC 9562, section 5.7), so that the keys of one sender arrive in index order.
///
/// A key is used once per sender, for ever: the same key sent again is answered with the place that
/// the first one got.
public struct IdempotencyKey: Hashable, Sendable {
  /// Bits 127 to 64 of the UUID.
  public let high: UInt64
  /// Bits 63 to 0 of the UUID.
  public let low: UInt64

  /// Wraps the two halves of a UUID of any version.
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

  /// Reads the 36-character form, in either case; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 36 else { return nil }
    var halves: (high: UInt64, low: UInt64) = (0, 0)
    var digits = 0
    for (position, byte) in text.utf8.enumerated() {
      if position == 8 || position == 13 || position == 18 || position == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      if digits < 16 {
        halves.high = halves.high << 4 | UInt64(digit)
      } else {
        halves.low = halves.low << 4 | UInt64(digit)
      }
      digits += 1
    }
    high = halves.high
    low = halves.low
  }
}

extension IdempotencyKey: CustomStringConvertible {
  /// The 36-character lower-case form.
  public var description: String {
    var text = ""
    text.reserveCapacity(36)
    for shift in stride(from: 124, through: 0, by: -4) {
      let half = shift >= 64 ? high >> UInt64(shift - 64) : low >> UInt64(shift)
      text.append(Self.digits[Int(half & 0xF)])
      if shift == 96 || shift == 80 || shift == 64 || shift == 48 { text.append("-") }
    }
    return text
  }

  private static let digits = Array("0123456789abcdef")
}

extension IdempotencyKey: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let key = IdempotencyKey(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a key is a UUID of 36 characters")
    }
    self = key
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
