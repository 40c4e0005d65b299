/// WebP (RFC 9649): a bitstream in a RIFF file, or chunks behind `VP8X`.
enum WebPStructure {
  static func walk(_ cursor: inout MediaCursor) throws -> PixelSize {
    let chunks = try RIFFChunks(header: &cursor)
    guard let first = try chunks.next(&cursor) else { throw damaged }
    let size: PixelSize
    switch first.type {
    case "VP8 ", "VP8L":
      size = try bitstream(cursor, first)
      try chunks.leave(first, &cursor)
      // Section 2.5, 2.6: nothing but the bitstream.
      guard cursor.position == chunks.end else { throw damaged }
    case "VP8X":
      size = try canvas(cursor, first)
      try chunks.leave(first, &cursor)
      guard try images(chunks, &cursor, animated: true, within: size) > 0 else { throw damaged }
    default:
      throw damaged
    }
    return size
  }

  private static let damaged = MediaFault.damaged("The WebP picture is damaged.")

  /// How many images there are in the chunks; chunks of other kinds may stand anywhere (section 2.7.1.6).
  private static func images(
    _ chunks: RIFFChunks, _ cursor: inout MediaCursor, animated: Bool, within canvas: PixelSize
  ) throws -> Int {
    var count = 0
    while let chunk = try chunks.next(&cursor) {
      switch chunk.type {
      case "VP8 ", "VP8L":
        let size = try bitstream(cursor, chunk)
        guard size.width <= canvas.width, size.height <= canvas.height else { throw damaged }
        count += 1
      case "ANMF":
        // Section 2.7.1.1: 16 bytes of place, size and duration, then the chunks of the frame.
        guard animated, chunk.size > 16 else { throw damaged }
        try cursor.skip(16)
        let frame = RIFFChunks(end: chunk.end)
        guard try images(frame, &cursor, animated: false, within: canvas) == 1 else {
          throw damaged
        }
        count += 1
      case "VP8X":
        throw damaged
      default:
        break
      }
      try chunks.leave(chunk, &cursor)
    }
    return count
  }

  /// Section 2.7: flags, and the size less one.
  private static func canvas(_ cursor: MediaCursor, _ chunk: RIFFChunks.Chunk) throws -> PixelSize {
    var cursor = cursor
    guard chunk.size == 10 else { throw damaged }
    try cursor.skip(4)
    return try PixelSize(width: cursor.little(3) + 1, height: cursor.little(3) + 1)
  }

  /// The size of an image, from the head of its bitstream.
  private static func bitstream(
    _ cursor: MediaCursor, _ chunk: RIFFChunks.Chunk
  ) throws -> PixelSize {
    var cursor = cursor
    guard chunk.size >= 10 else { throw damaged }
    if chunk.type == "VP8L" {
      // Section 3.4: a signature, 14 bits each of width and height less one, alpha, and version 0.
      guard try cursor.byte() == 0x2F else { throw damaged }
      let bits = try cursor.little(4)
      guard bits >> 29 == 0 else { throw damaged }
      return try PixelSize(width: bits & 0x3FFF + 1, height: bits >> 14 & 0x3FFF + 1)
    }
    // RFC 6386, section 9.1: a key frame that is shown, the size of its first part, a start code, and 14
    // bits each of width and height, under 2 bits of scale.
    let tag = try cursor.little(3)
    guard tag & 1 == 0, tag >> 4 & 1 == 1, tag >> 5 <= chunk.size - 10,
      try cursor.passes([0x9D, 0x01, 0x2A])
    else { throw damaged }
    return try PixelSize(width: cursor.little(2) & 0x3FFF, height: cursor.little(2) & 0x3FFF)
  }
}
