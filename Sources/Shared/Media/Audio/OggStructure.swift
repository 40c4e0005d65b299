import MartletProtocol

/// Ogg (RFC 3533): pages of one logical bitstream, numbered and checked, the last marked as such.
///
/// Streams that are chained (one behind the other) or grouped (one beside the other, such as a film's)
/// are refused: a file is one sound.
enum OggStructure {
  /// The format that the first page promises; `nil` if it begins no sound that is known.
  static func format(at cursor: MediaCursor) throws -> AttachmentFormat? {
    var cursor = cursor
    do {
      return switch Codec(try Page(&cursor).body) {
      case .opus: .opus
      case .vorbis, .flac, .speex: .ogg
      case nil: nil
      }
    } catch is MediaFault {
      return .ogg
    }
  }

  static func walk(_ cursor: inout MediaCursor) throws {
    var page = try Page(&cursor)
    guard let codec = Codec(page.body), page.flags.contains(.first), page.isComplete else {
      throw damaged
    }
    var isSecond = true
    while !page.flags.contains(.last) {
      if cursor.isAtEnd { throw MediaFault.cutShort }
      let next = try Page(&cursor)
      guard next.serial == page.serial, next.sequence == page.sequence &+ 1,
        !next.flags.contains(.first), next.flags.contains(.continued) != page.isComplete
      else { throw damaged }
      // The comments begin on a page of their own.
      guard !isSecond || next.body.starts(with: codec.comments) else { throw damaged }
      isSecond = false
      page = next
    }
    guard !isSecond, page.isComplete else { throw damaged }
  }

  fileprivate static let damaged = MediaFault.damaged("The Ogg file is damaged.")

  private enum Codec {
    case vorbis, opus, flac, speex

    /// By the first packet; `nil` if it is of none of them.
    init?(_ packet: [UInt8]) {
      switch true {
      // Vorbis I, section 4.2.2: version 0, channels, rate, and the bit at the end.
      case packet.starts(with: "\u{1}vorbis\0\0\0\0".utf8) && packet.count == 30
        && packet[11] >= 1 && packet[29] & 1 == 1:
        self = .vorbis
      // RFC 7845, section 5.1: the upper half of the version is 0.
      case packet.starts(with: "OpusHead".utf8) && packet.count >= 19
        && packet[8] < 16 && packet[9] >= 1:
        self = .opus
      // RFC 9639, section 10.1: "FLAC" in Ogg, and its STREAMINFO.
      case packet.starts(with: "\u{7F}FLAC".utf8) && packet.count == 51: self = .flac
      // The Speex manual, section 7.3.
      case packet.starts(with: "Speex   ".utf8) && packet.count >= 80: self = .speex
      default: return nil
      }
    }

    /// How the second packet begins.
    var comments: [UInt8] {
      switch self {
      case .vorbis: Array("\u{3}vorbis".utf8)
      case .opus: Array("OpusTags".utf8)
      case .flac, .speex: []
      }
    }
  }

  /// Section 6 of RFC 3533.
  private struct Page {
    let flags: Flags
    let serial: Int64
    let sequence: UInt32
    /// Whether its last packet ends in it.
    let isComplete: Bool
    let body: [UInt8]

    struct Flags: OptionSet {
      let rawValue: UInt8
      static let continued = Flags(rawValue: 1)
      static let first = Flags(rawValue: 2)
      static let last = Flags(rawValue: 4)
    }

    init(_ cursor: inout MediaCursor) throws {
      var header = try cursor.take(27)
      guard header.starts(with: "OggS\0".utf8), header[5] < 8 else { throw OggStructure.damaged }
      flags = Flags(rawValue: header[5])
      serial = Self.little(header[14..<18])
      sequence = UInt32(truncatingIfNeeded: Self.little(header[18..<22]))
      let check = Self.little(header[22..<26])
      header.replaceSubrange(22..<26, with: [0, 0, 0, 0])
      let lacing = try cursor.take(Int(header[26]))
      isComplete = lacing.last != 255
      // At most 255 segments of 255 bytes.
      body = try cursor.take(lacing.reduce(0) { $0 + Int($1) })
      let actual = CRC.ogg.adding(
        body, to: CRC.ogg.adding(lacing, to: CRC.ogg.adding(header, to: 0)))
      guard Int64(actual) == check else { throw OggStructure.damaged }
    }

    private static func little(_ bytes: ArraySlice<UInt8>) -> Int64 {
      bytes.reversed().reduce(0) { $0 << 8 | Int64($1) }
    }
  }
}
