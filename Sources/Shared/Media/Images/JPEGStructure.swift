/// JPEG (ITU-T T.81, annex B): marker segments and the data of scans, from SOI to EOI.
enum JPEGStructure {
  static func walk(_ cursor: inout MediaCursor) throws -> PixelSize {
    let first = try picture(&cursor)
    // Some cameras fill the file up to a whole block.
    try cursor.skipZeros()
    // CIPA DC-007 (Multi-Picture Format): a camera puts more pictures behind the first (previews, gain
    // maps), and says so in it.
    while first.announcesMore, try cursor.peek(3).elementsEqual([0xFF, 0xD8, 0xFF]) {
      _ = try picture(&cursor)
      try cursor.skipZeros()
    }
    return first.size
  }

  private static let damaged = MediaFault.damaged("The JPEG picture is damaged.")

  private struct Picture {
    let size: PixelSize
    let announcesMore: Bool
  }

  private static func picture(_ cursor: inout MediaCursor) throws -> Picture {
    guard try cursor.passes([0xFF, 0xD8]) else { throw damaged }
    var size: PixelSize?
    var announcesMore = false
    var hasScan = false
    var marker = try self.marker(&cursor)
    while true {
      switch marker {
      case 0xD9:  // EOI
        guard let size, hasScan else { throw damaged }
        return Picture(size: size, announcesMore: announcesMore)
      case 0xDA:  // SOS
        guard size != nil else { throw damaged }
        try segment(&cursor)
        hasScan = true
        marker = try markerBehindScan(&cursor)
        continue
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:  // SOF
        guard size == nil else { throw damaged }
        size = try frameHeader(cursor)
        try segment(&cursor)
      case 0xE2:  // APP2
        if try cursor.peek(6).dropFirst(2).elementsEqual("MPF\0".utf8) { announcesMore = true }
        try segment(&cursor)
      case 0xC4, 0xCC, 0xDB...0xDD, 0xE0...0xEF, 0xFE:  // DHT, DAC, DQT, DNL, DRI, APPn, COM
        try segment(&cursor)
      default:
        throw damaged
      }
      marker = try self.marker(&cursor)
    }
  }

  /// B.1.1.2: a marker, before which any number of FF may stand.
  private static func marker(_ cursor: inout MediaCursor) throws -> UInt8 {
    guard try cursor.byte() == 0xFF else { throw damaged }
    var code: UInt8
    repeat { code = try cursor.byte() } while code == 0xFF
    return code
  }

  /// B.1.1.5: in a scan, FF is followed by 0 where it is data, and RST markers may stand anywhere.
  private static func markerBehindScan(_ cursor: inout MediaCursor) throws -> UInt8 {
    while true {
      try cursor.skip(past: 0xFF)
      var code: UInt8
      repeat { code = try cursor.byte() } while code == 0xFF
      if code != 0, !(0xD0...0xD7).contains(code) { return code }
    }
  }

  private static func segment(_ cursor: inout MediaCursor) throws {
    let length = try cursor.big(2)
    guard length >= 2 else { throw damaged }
    try cursor.skip(length - 2)
  }

  /// B.2.2. A height of zero, to be told by DNL behind the scan, is refused, as decoders do.
  private static func frameHeader(_ cursor: MediaCursor) throws -> PixelSize {
    var cursor = cursor
    let length = try cursor.big(2)
    let precision = try cursor.byte()
    let height = try cursor.big(2)
    let width = try cursor.big(2)
    let components = Int64(try cursor.byte())
    guard (2...16).contains(precision), components >= 1, length == 8 + 3 * components else {
      throw damaged
    }
    return try PixelSize(width: width, height: height)
  }
}
