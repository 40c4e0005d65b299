/// BMP (Microsoft Windows GDI, "Bitmap Storage"): a file header, an information header, colours, pixels.
enum BMPStructure {
  static func walk(_ cursor: inout MediaCursor) throws -> PixelSize {
    try cursor.skip(2)
    let declared = try cursor.little(4)
    guard declared <= cursor.count else { throw MediaFault.cutShort }
    guard declared == cursor.count else { throw MediaFault.goesOn }
    try cursor.skip(4)
    let pixels = try cursor.little(4)
    let header = try Header(&cursor)
    // Some writers repeat the masks of the header, up to 16 bytes, or align the pixels.
    guard pixels >= header.end, pixels - header.end <= 16 else { throw damaged }
    try cursor.seek(to: pixels)
    if header.isRunLengthEncoded {
      try skipRuns(&cursor, bits: header.bits)
    } else {
      try cursor.skip(header.pixelBytes)
    }
    if header.profileSize > 0 {
      // `bV5ProfileData`: from the information header on. It lies behind the pixels.
      let start = 14 + header.profileOffset
      guard start >= cursor.position, start - cursor.position < 4 else { throw damaged }
      try cursor.seek(to: start)
      try cursor.skip(header.profileSize)
    }
    // Some writers fill the file up to a multiple of four bytes.
    if cursor.remaining < 4 { try cursor.skipZeros() }
    return header.size
  }

  private static let damaged = MediaFault.damaged("The BMP picture is damaged.")

  private struct Header {
    let size: PixelSize
    /// Where the headers and the colours end.
    let end: Int64
    /// The bytes of the pixels, if they are not compressed.
    let pixelBytes: Int64
    let bits: Int64
    let isRunLengthEncoded: Bool
    var profileOffset: Int64 = 0
    var profileSize: Int64 = 0

    init(_ cursor: inout MediaCursor) throws {
      let start = cursor.position
      let length = try cursor.little(4)
      let isCore = length == 12
      // OS/2 1.x, Windows 3, with three and four masks, OS/2 2.x, version 4, version 5.
      guard [12, 40, 52, 56, 64, 108, 124].contains(length) else { throw damaged }
      let width = try cursor.little(isCore ? 2 : 4)
      var height = try cursor.little(isCore ? 2 : 4)
      // A negative height says that the first row is the top one.
      if !isCore, height > Int64(Int32.max) { height = 1 << 32 - height }
      size = try PixelSize(width: width, height: height)
      let planes = try cursor.little(2)
      bits = try cursor.little(2)
      guard planes == 1, [1, 2, 4, 8, 16, 24, 32].contains(bits) else { throw damaged }
      let compression = isCore ? 0 : try cursor.little(4)
      if !isCore { try cursor.skip(12) }
      let colors = isCore ? 0 : try cursor.little(4)
      guard colors <= 256 else { throw damaged }
      // BI_RGB, BI_RLE8, BI_RLE4, BI_BITFIELDS, BI_ALPHABITFIELDS. JPEG and PNG are for printers.
      let masks: Int64
      switch (compression, bits) {
      case (0, _), (1, 8), (2, 4): masks = 0
      case (3, 16), (3, 32): masks = length == 40 ? 12 : 0
      case (6, 16), (6, 32): masks = length == 40 ? 16 : 0
      default: throw damaged
      }
      isRunLengthEncoded = compression == 1 || compression == 2
      let palette = colors == 0 && bits <= 8 ? 1 << bits : colors
      end = start + length + masks + palette * (isCore ? 3 : 4)
      // Rows are multiples of four bytes. Neither factor is above the bound on pixels.
      pixelBytes = (width * bits + 31) / 32 * 4 * height
      if length == 124 {
        try cursor.seek(to: start + 112)
        profileOffset = try cursor.little(4)
        profileSize = try cursor.little(4)
      }
    }
  }

  /// "Bitmap Compression": pairs of count and value; after a count of zero, the end of a line, of the
  /// picture, a move, or so many pixels, filled up to two bytes.
  private static func skipRuns(_ cursor: inout MediaCursor, bits: Int64) throws {
    while true {
      let count = try cursor.byte()
      let value = Int64(try cursor.byte())
      guard count == 0 else { continue }
      switch value {
      case 0: break
      case 1: return
      case 2: try cursor.skip(2)
      default: try cursor.skip((value * bits + 15) / 16 * 2)
      }
    }
  }
}
