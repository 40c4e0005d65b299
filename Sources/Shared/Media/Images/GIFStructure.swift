/// GIF (CompuServe "Graphics Interchange Format", version 89a): blocks from the header to the trailer.
enum GIFStructure {
  static func walk(_ cursor: inout MediaCursor) throws -> PixelSize {
    try cursor.skip(6)
    let size = try PixelSize(width: cursor.little(2), height: cursor.little(2))
    let flags = try cursor.byte()
    try cursor.skip(2)
    try skipColorTable(&cursor, flags)
    var hasImage = false
    while true {
      switch try cursor.byte() {
      case 0x3B:  // Section 27: the trailer.
        guard hasImage else { throw damaged }
        return size
      case 0x2C:  // Section 20: an image.
        try skipImage(&cursor)
        hasImage = true
      case 0x21:  // Sections 23 to 26: an extension, whatever its label.
        try cursor.skip(1)
        try skipSubBlocks(&cursor)
      default:
        throw damaged
      }
    }
  }

  private static let damaged = MediaFault.damaged("The GIF picture is damaged.")

  private static func skipImage(_ cursor: inout MediaCursor) throws {
    try cursor.skip(4)
    _ = try PixelSize(width: cursor.little(2), height: cursor.little(2))
    let flags = try cursor.byte()
    try skipColorTable(&cursor, flags)
    // Section 22: LZW codes begin with 2 to 8 bits; some encoders write 1 for black and white.
    guard try (1...8).contains(cursor.byte()) else { throw damaged }
    try skipSubBlocks(&cursor)
  }

  /// Sections 19 and 21: 2^(n + 1) colours of three bytes.
  private static func skipColorTable(_ cursor: inout MediaCursor, _ flags: UInt8) throws {
    if flags & 0x80 != 0 { try cursor.skip(3 << (Int64(flags & 7) + 1)) }
  }

  /// Section 15: each begins with its size, and one of none ends them.
  private static func skipSubBlocks(_ cursor: inout MediaCursor) throws {
    while true {
      let size = try cursor.byte()
      if size == 0 { return }
      try cursor.skip(Int64(size))
    }
  }
}
