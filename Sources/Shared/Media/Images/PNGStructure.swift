/// PNG (ISO/IEC 15948, W3C "Portable Network Graphics"): a signature, and chunks from `IHDR` to `IEND`.
enum PNGStructure {
  /// Section 5.2.
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// Section 5.3: the length of a chunk is below 2^31.
  private static let maximumLength = Int64(Int32.max)

  static func walk(_ cursor: inout MediaCursor) throws -> PixelSize {
    try cursor.skip(Int64(signature.count))
    let header = try chunk(&cursor)
    guard header.type == "IHDR", header.length == 13 else { throw damaged }
    let (size, colorType) = try imageHeader(cursor, header)
    var hasPalette = false
    var data = Data.awaited
    while true {
      let chunk = try chunk(&cursor)
      switch chunk.type {
      case "IEND":
        guard chunk.length == 0, data != .awaited, colorType != 3 || hasPalette else {
          throw damaged
        }
        return size
      case "IDAT":
        // Section 5.6: the data chunks follow each other.
        guard data != .ended else { throw damaged }
        data = .running
      case "PLTE":
        guard !hasPalette, data == .awaited, chunk.length % 3 == 0, (3...768).contains(chunk.length)
        else { throw damaged }
        hasPalette = true
      default:
        // Section 5.4: an upper case first letter says that a decoder must know the chunk.
        guard chunk.isAncillary else { throw damaged }
      }
      if data == .running, chunk.type != "IDAT" { data = .ended }
    }
  }

  private static let damaged = MediaFault.damaged("The PNG picture is damaged.")

  private enum Data {
    case awaited, running, ended
  }

  private struct Chunk {
    let type: FourCC
    let length: Int64
    /// Where its data begins.
    let start: Int64
    var isAncillary: Bool { type.code >> 24 & 0x20 != 0 }
  }

  /// Passes a chunk, and checks it.
  private static func chunk(_ cursor: inout MediaCursor) throws -> Chunk {
    let length = try cursor.big(4)
    guard length <= maximumLength else { throw damaged }
    let type = try cursor.fourCC()
    guard type.bytes.allSatisfy({ (0x41...0x5A).contains($0 & ~0x20) }) else { throw damaged }
    let start = cursor.position
    guard length <= cursor.remaining - 4 else { throw MediaFault.cutShort }
    var check = CRC.png.adding(type.bytes, to: .max)
    try cursor.run(length) { check = CRC.png.adding($0, to: check) }
    guard try cursor.big(4) == Int64(~check) else { throw damaged }
    return Chunk(type: type, length: length, start: start)
  }

  /// Section 11.2.1: the size, and the colour type.
  private static func imageHeader(
    _ cursor: MediaCursor, _ chunk: Chunk
  ) throws -> (PixelSize, UInt8) {
    var cursor = cursor
    try cursor.seek(to: chunk.start)
    let size = try PixelSize(width: cursor.big(4), height: cursor.big(4))
    let depth = try cursor.byte()
    let colorType = try cursor.byte()
    let depths: Set<UInt8> =
      switch colorType {
      case 0: [1, 2, 4, 8, 16]
      case 3: [1, 2, 4, 8]
      case 2, 4, 6: [8, 16]
      default: []
      }
    let methods = try cursor.take(3)
    guard depths.contains(depth), methods[0] == 0, methods[1] == 0, methods[2] <= 1 else {
      throw damaged
    }
    return (size, colorType)
  }
}
