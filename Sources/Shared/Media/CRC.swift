/// Cyclic redundancy checks of up to 32 bits, by table, one byte at a time.
struct CRC: Sendable {
  /// The remainders of the 256 bytes.
  private let table: [UInt32]
  private let isReflected: Bool

  /// PNG (ISO/IEC 15948, section 5.5), as in ISO 3309; starts from all ones, and is inverted at the end.
  static let png = CRC(polynomial: 0xEDB8_8320, isReflected: true)
  /// Ogg pages (RFC 3533, section 6); starts from zero.
  static let ogg = CRC(polynomial: 0x04C1_1DB7, isReflected: false)
  /// FLAC frame headers (RFC 9639, section 9.1.8): eight bits, x^8 + x^2 + x + 1; starts from zero.
  static let flacHeader = CRC(polynomial: 0x07 << 24, isReflected: false)
  /// FLAC frames (RFC 9639, section 9.3): sixteen bits, x^16 + x^15 + x^2 + 1; starts from zero.
  static let flacFrame = CRC(polynomial: 0x8005 << 16, isReflected: false)

  /// Narrow polynomials stand at the left of the 32 bits, as does what comes out then.
  private init(polynomial: UInt32, isReflected: Bool) {
    self.isReflected = isReflected
    table = (UInt32(0)..<256).map { byte in
      (0..<8).reduce(isReflected ? byte : byte << 24) { remainder, _ in
        isReflected
          ? remainder >> 1 ^ (remainder & 1 != 0 ? polynomial : 0)
          : remainder << 1 ^ (remainder >> 31 != 0 ? polynomial : 0)
      }
    }
  }

  /// The check of what was checked before and one byte more.
  func adding(_ byte: UInt8, to check: UInt32) -> UInt32 {
    isReflected
      ? check >> 8 ^ table[Int((check ^ UInt32(byte)) & 0xFF)]
      : check << 8 ^ table[Int(check >> 24 ^ UInt32(byte))]
  }

  /// The check of what was checked before and these bytes.
  func adding(_ bytes: some Sequence<UInt8>, to check: UInt32) -> UInt32 {
    bytes.reduce(check) { adding($1, to: $0) }
  }
}
