/// What the tracks of an MP4 file hold (ISO/IEC 14496-12, chapter 8).
struct MP4Tracks {
  /// How many hold sound.
  private(set) var sounds = 0
  /// Where the samples of all of them have to be.
  private let media: Range<Int64>

  init(media: Range<Int64>) { self.media = media }

  /// Adds a track.
  /// - Throws: ``MediaFault/mismatch(actual:)`` for one of moving pictures.
  mutating func add(_ track: MP4Box, _ cursor: inout MediaCursor) throws {
    var handler: FourCC?
    var sample: FourCC?
    let media = self.media
    try track.forEach(&cursor) { box, cursor in
      guard box.type == "mdia" else { return }
      try box.forEach(&cursor) { box, cursor in
        switch box.type {
        case "hdlr": handler = try Self.handler(box, &cursor)
        case "minf":
          try box.forEach(&cursor) { box, cursor in
            guard box.type == "stbl" else { return }
            try box.forEach(&cursor) { box, cursor in
              switch box.type {
              case "stsd": sample = try Self.sampleType(box, &cursor)
              case "stco": try Self.checkOffsets(box, &cursor, bytes: 4, in: media)
              case "co64": try Self.checkOffsets(box, &cursor, bytes: 8, in: media)
              default: break
              }
            }
          }
        default: break
        }
      }
    }
    switch handler {
    case "soun":
      // MPEG-4 sound (mostly AAC), ALAC, FLAC, Opus, AC-3 and its successor; not what is encrypted.
      guard let sample, ["mp4a", "alac", "fLaC", "Opus", "ac-3", "ec-3"].contains(sample) else {
        throw MediaFault.mismatch(actual: nil)
      }
      sounds += 1
    case "vide":
      // Pictures of chapters.
      guard let sample, ["jpeg", "png "].contains(sample) else {
        throw MediaFault.mismatch(actual: nil)
      }
    case .some:
      break
    case nil:
      throw MP4Box.damaged
    }
  }

  /// Section 8.4.3: what kind of media it is.
  private static func handler(_ box: MP4Box, _ cursor: inout MediaCursor) throws -> FourCC {
    guard box.end - box.start >= 12 else { throw MP4Box.damaged }
    try cursor.skip(8)
    return try cursor.fourCC()
  }

  /// Section 8.5.2: how it is coded; of several descriptions, the first.
  private static func sampleType(_ box: MP4Box, _ cursor: inout MediaCursor) throws -> FourCC {
    guard box.end - box.start >= 16 else { throw MP4Box.damaged }
    try cursor.skip(12)
    return try cursor.fourCC()
  }

  /// Section 8.7.5: where the chunks of samples begin.
  private static func checkOffsets(
    _ box: MP4Box, _ cursor: inout MediaCursor, bytes: Int, in media: Range<Int64>
  ) throws {
    guard box.end - box.start >= 8 else { throw MP4Box.damaged }
    try cursor.skip(4)
    let count = try cursor.big(4)
    guard count * Int64(bytes) <= box.end - cursor.position else { throw MP4Box.damaged }
    for _ in 0..<count {
      guard media.contains(try cursor.big(bytes)) else { throw MP4Box.damaged }
    }
  }
}
