/// The header of a frame of MPEG audio, layer III (ISO/IEC 11172-3, section 2.4.1.3; ISO/IEC 13818-3;
/// and the common extension to low rates called version 2.5).
struct MP3FrameHeader {
  enum Version { case one, two, twoAndAHalf }

  let version: Version
  let sampleRate: Int64
  let isMono: Bool
  /// The size of the frame in bytes, with the header.
  let length: Int64

  /// `nil` unless the bytes begin a frame of a known bit rate.
  init?(_ bytes: some Sequence<UInt8>) {
    let bits = bytes.prefix(4).reduce((count: 0, value: UInt32(0))) {
      ($0.count + 1, $0.value << 8 | UInt32($1))
    }
    // Eleven ones, and layer III.
    guard bits.count == 4, bits.value >> 21 == 0x7FF, bits.value >> 17 & 3 == 1 else { return nil }
    switch bits.value >> 19 & 3 {
    case 0: version = .twoAndAHalf
    case 2: version = .two
    case 3: version = .one
    default: return nil
    }
    let rate = Int(bits.value >> 12 & 15)
    let frequency = Int(bits.value >> 10 & 3)
    // 0 is a rate that the header does not tell; 15 and a frequency of 3 do not exist.
    guard (1...14).contains(rate), frequency < 3, bits.value & 3 != 2 else { return nil }
    isMono = bits.value >> 6 & 3 == 3
    let padding = Int64(bits.value >> 9 & 1)
    let fullRate = [44_100, 48_000, 32_000][frequency]
    switch version {
    case .one:
      sampleRate = Int64(fullRate)
      length = 144_000 * Self.bitRates[rate - 1] / sampleRate + padding
    case .two, .twoAndAHalf:
      sampleRate = Int64(fullRate / (version == .two ? 2 : 4))
      length = 72_000 * Self.lowBitRates[rate - 1] / sampleRate + padding
    }
  }

  /// Whether a frame of this kind may follow one of that.
  func belongs(with other: MP3FrameHeader) -> Bool {
    version == other.version && sampleRate == other.sampleRate && isMono == other.isMono
  }

  /// How many bytes of side information stand behind the header (2.4.1.7).
  var sideInformation: Int {
    switch version {
    case .one: isMono ? 17 : 32
    case .two, .twoAndAHalf: isMono ? 9 : 17
    }
  }

  /// In kbit/s (2.4.2.3).
  private static let bitRates: [Int64] = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
  ]
  /// In kbit/s, for half the sampling rates and less (ISO/IEC 13818-3, 2.4.2.3).
  private static let lowBitRates: [Int64] = [
    8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160,
  ]
}
