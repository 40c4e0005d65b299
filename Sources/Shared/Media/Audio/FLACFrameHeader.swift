/// The header of a frame of FLAC (RFC 9639, section 9.1).
struct FLACFrameHeader {
  /// The longest there is: 4 bytes, 7 of number, 2 of block size, 2 of sample rate, and a check.
  static let maximumLength = 16

  /// Whether blocks differ in size, so that the number is one of samples.
  let isVariable: Bool
  /// The number of the first sample, or of the frame.
  let number: UInt64
  /// How many samples every channel has.
  let samples: UInt64
  /// Its own size in bytes.
  let length: Int

  /// `nil` unless the bytes begin with the header of a frame.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 6, bytes[0] == 0xFF, bytes[1] & 0xFE == 0xF8 else { return nil }
    isVariable = bytes[1] & 1 == 1
    let sizeCode = bytes[2] >> 4
    let rateCode = bytes[2] & 15
    let channels = bytes[3] >> 4
    guard sizeCode != 0, rateCode != 15, channels <= 10, bytes[3] >> 1 & 7 != 3, bytes[3] & 1 == 0
    else { return nil }
    guard let coded = Self.number(bytes[4...]) else { return nil }
    number = coded.value
    var place = 4 + coded.length
    let sizeBytes = sizeCode == 6 ? 1 : sizeCode == 7 ? 2 : 0
    let rateBytes = rateCode == 12 ? 1 : rateCode == 13 || rateCode == 14 ? 2 : 0
    guard place + sizeBytes + rateBytes < bytes.count else { return nil }
    let size = bytes[place..<place + sizeBytes].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    // Section 9.1.1.
    samples =
      switch sizeCode {
      case 1: 192
      case 2...5: 576 << UInt64(sizeCode - 2)
      case 6, 7: size + 1
      default: 256 << UInt64(sizeCode - 8)
      }
    place += sizeBytes + rateBytes
    guard CRC.flacHeader.adding(bytes[...place], to: 0) == 0 else { return nil }
    length = place + 1
  }

  /// Whether a frame of this header may be the next after one of that.
  func follows(_ other: FLACFrameHeader) -> Bool {
    isVariable == other.isVariable && number == other.number + (isVariable ? other.samples : 1)
  }

  /// Section 9.1.5: as in UTF-8, but of up to 36 bits in seven bytes.
  private static func number(_ bytes: ArraySlice<UInt8>) -> (value: UInt64, length: Int)? {
    guard let first = bytes.first, first != 0xFF else { return nil }
    let ones = (~first).leadingZeroBitCount
    if ones == 0 { return (UInt64(first), 1) }
    guard ones >= 2, bytes.count >= ones else { return nil }
    var value = UInt64(first & (0x7F >> UInt8(ones)))
    for byte in bytes.dropFirst().prefix(ones - 1) {
      guard byte & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt64(byte & 0x3F)
    }
    return (value, ones)
  }
}
