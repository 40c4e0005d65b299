/// An identifier that is a UUID (RFC 9562): one type per kind of thing, so that two kinds cannot be
/// confused.
public protocol UUIDIdentifier: Hashable, Codable, Sendable, CustomStringConvertible {
  /// Bits 127 to 64 of the UUID.
  var high: UInt64 { get }
  /// Bits 63 to 0 of the UUID.
  var low: UInt64 { get }
  /// Wraps the two halves of a UUID of any version.
  init(high: UInt64, low: UInt64)
}

extension UUIDIdentifier {
  /// Reads the 36-character form, in either case; `nil` for anything else.
  public init?(_ text: some StringProtocol) { self.init(utf8: text.utf8) }

  /// Reads the same from UTF-8.
  init?(utf8: some Collection<UInt8>) {
    guard utf8.count == 36 else { return nil }
    var halves: (high: UInt64, low: UInt64) = (0, 0)
    var digits = 0
    for (position, byte) in utf8.enumerated() {
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
    self.init(high: halves.high, low: halves.low)
  }

  /// The 36-character lower-case form.
  public var description: String {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes the same as UTF-8.
  func write(to bytes: inout [UInt8]) {
    for shift in stride(from: 124, through: 0, by: -4) {
      let half = shift >= 64 ? high >> UInt64(shift - 64) : low >> UInt64(shift)
      let digit = UInt8(half & 0xF)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      if shift == 96 || shift == 80 || shift == 64 || shift == 48 {
        bytes.append(UInt8(ascii: "-"))
      }
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let identifier = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a UUID has 36 characters")
    }
    self = identifier
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
