/// M4A: sound in an MP4 file (ISO/IEC 14496-12 and 14496-14), whose boxes fill it.
///
/// A fragmented file may be cut between two fragments: nothing in it tells how many there are.
enum MP4Structure {
  static func walk(_ cursor: inout MediaCursor) throws {
    let type = try MP4Box(&cursor, limit: cursor.count)
    guard type.type == "ftyp", try hasKnownBrand(&cursor, type) else {
      throw MediaFault.mismatch(actual: nil)
    }
    try cursor.seek(to: type.end)
    var movie: MP4Box?
    var media: Range<Int64>?
    while !cursor.isAtEnd {
      let box = try MP4Box(&cursor, limit: cursor.count)
      switch box.type {
      case "moov":
        guard movie == nil else { throw MP4Box.damaged }
        movie = box
      case "mdat":
        media = (media?.lowerBound ?? box.start)..<box.end
      case "free", "skip", "wide", "udta", "meta", "uuid", "pdin", "moof", "mfra", "sidx", "ssix",
        "styp", "prft", "emsg":
        break
      default:
        // What follows a whole file is not a box, or the beginning of another file.
        throw movie != nil && media != nil ? MediaFault.goesOn : MP4Box.damaged
      }
      try cursor.seek(to: box.end)
    }
    guard let movie, let media else { throw MediaFault.cutShort }
    var tracks = MP4Tracks(media: media)
    try movie.forEach(&cursor) { box, cursor in
      if box.type == "trak" { try tracks.add(box, &cursor) }
    }
    guard tracks.sounds > 0 else { throw MediaFault.mismatch(actual: nil) }
    try cursor.seek(to: cursor.count)
  }

  /// ISO/IEC 14496-12, section 4.3: the brands that say how the file is to be read. Apple's for sound,
  /// those of MP4, and those of its base and of streaming.
  private static let brands: Set<FourCC> = [
    "M4A ", "M4B ", "mp41", "mp42", "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8",
    "iso9", "dash", "MSNV",
  ]

  private static func hasKnownBrand(_ cursor: inout MediaCursor, _ box: MP4Box) throws -> Bool {
    // Real ones list less than ten.
    guard box.end - box.start >= 8, box.end - box.start <= 1024 else { throw MP4Box.damaged }
    if brands.contains(try cursor.fourCC()) { return true }
    try cursor.skip(4)
    while box.end - cursor.position >= 4 {
      if brands.contains(try cursor.fourCC()) { return true }
    }
    return false
  }
}
