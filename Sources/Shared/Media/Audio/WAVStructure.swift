/// WAVE ("Multimedia Programming Interface and Data Specifications 1.0"): `fmt ` and `data` in a RIFF
/// file, among chunks of other kinds.
enum WAVStructure {
  static func walk(_ cursor: inout MediaCursor) throws {
    let chunks = try RIFFChunks(header: &cursor)
    var hasFormat = false
    var hasData = false
    while let chunk = try chunks.next(&cursor) {
      switch chunk.type {
      case "fmt ":
        guard !hasFormat, !hasData else { throw damaged }
        try checkFormat(cursor, chunk)
        hasFormat = true
      case "data":
        guard hasFormat, !hasData, chunk.size > 0 else { throw damaged }
        hasData = true
      default:
        break
      }
      try chunks.leave(chunk, &cursor)
    }
    guard hasData else { throw damaged }
    // Some programs do not count the byte that fills up the last chunk.
    if chunks.end % 2 == 1, cursor.remaining == 1 { try cursor.skipZeros() }
  }

  private static let damaged = MediaFault.damaged("The WAV file is damaged.")

  /// `WAVEFORMATEX`, or `WAVEFORMATEXTENSIBLE` where the tag says so.
  private static func checkFormat(_ cursor: MediaCursor, _ chunk: RIFFChunks.Chunk) throws {
    var cursor = cursor
    guard chunk.size >= 16 else { throw damaged }
    let tag = try cursor.little(2)
    let channels = try cursor.little(2)
    let rate = try cursor.little(4)
    try cursor.skip(4)
    let frameBytes = try cursor.little(2)
    let bits = try cursor.little(2)
    guard tag != 0, channels >= 1, rate >= 1, frameBytes >= 1 else { throw damaged }
    switch tag {
    case 1, 3:  // PCM, and IEEE floats: whole bytes for every sample.
      guard frameBytes == channels * ((bits + 7) / 8) else { throw damaged }
    case 0xFFFE:
      guard chunk.size >= 40 else { throw damaged }
    default:
      break
    }
  }
}
