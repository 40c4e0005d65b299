/// RIFF (Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0"): chunks in
/// a chunk, each with a byte behind it where its size is odd.
struct RIFFChunks {
  /// Where the chunk ends that the others are in.
  let end: Int64

  struct Chunk {
    let type: FourCC
    let size: Int64
    /// Where its data begins.
    let start: Int64
    /// Where its data ends.
    var end: Int64 { start + size }
  }

  /// The chunks from the cursor up to `end`.
  init(end: Int64) { self.end = end }

  /// Passes the header of the file. Its size must be right to the byte.
  init(header cursor: inout MediaCursor) throws {
    try cursor.skip(4)
    end = 8 + (try cursor.little(4))
    try cursor.skip(4)
    guard end >= cursor.position else { throw Self.damaged }
    guard end <= cursor.count else { throw MediaFault.cutShort }
  }

  /// The next chunk, with the cursor at its data; `nil` at the end.
  func next(_ cursor: inout MediaCursor) throws -> Chunk? {
    guard cursor.position < end else { return nil }
    guard end - cursor.position >= 8 else { throw Self.damaged }
    let type = try cursor.fourCC()
    let size = try cursor.little(4)
    guard type.bytes.allSatisfy({ (0x20...0x7E).contains($0) }), size <= end - cursor.position
    else {
      throw Self.damaged
    }
    return Chunk(type: type, size: size, start: cursor.position)
  }

  /// Goes behind a chunk, and behind the byte that fills it up. Some programs leave that byte out at the
  /// very end.
  func leave(_ chunk: Chunk, _ cursor: inout MediaCursor) throws {
    try cursor.seek(to: min(chunk.end + chunk.size % 2, end))
  }

  private static let damaged = MediaFault.damaged("The chunks of the file are damaged.")
}
