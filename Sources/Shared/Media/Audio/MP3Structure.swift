/// MP3: frames of MPEG audio, layer III, each directly behind the other, between tags.
///
/// A stream of frames says nowhere where it ends. What is cut at the end of a frame is noticed only
/// where the first frame tells how much there is, as all usual encoders have it.
enum MP3Structure {
  static func walk(_ cursor: inout MediaCursor) throws {
    try ID3Tag.skipAll(&cursor)
    // Programs that shorten a tag leave zeros behind.
    try cursor.skipZeros()
    let start = cursor.position
    let end = try endOfFrames(cursor)
    guard end - start >= 4, let first = MP3FrameHeader(try cursor.peek(4)) else { throw damaged }
    let announced = try Announcement(cursor, first)
    var frames: Int64 = 0
    while end - cursor.position >= 4 {
      guard let header = MP3FrameHeader(try cursor.peek(4)) else { break }
      guard header.belongs(with: first) else { throw damaged }
      guard header.length <= end - cursor.position else { throw MediaFault.cutShort }
      try cursor.skip(header.length)
      frames += 1
    }
    if let announced {
      // Some encoders count the frame that tells, or the tag at the end.
      if let bytes = announced.bytes, cursor.count - start < bytes { throw MediaFault.cutShort }
      if let count = announced.frames {
        guard frames >= count else { throw MediaFault.cutShort }
        guard frames - count <= 1 else { throw MediaFault.goesOn }
      }
    }
    // Some encoders fill the file up.
    try cursor.skipZeros()
    guard cursor.position >= end else { throw MediaFault.goesOn }
    try cursor.seek(to: cursor.count)
  }

  private static let damaged = MediaFault.damaged("The MP3 file is damaged.")

  /// Where the tags at the end begin.
  private static func endOfFrames(_ cursor: MediaCursor) throws -> Int64 {
    var cursor = cursor
    let start = cursor.position
    var end = cursor.count
    // ID3 version 1: 128 bytes, the first of them "TAG".
    if end - start >= 128 {
      try cursor.seek(to: end - 128)
      if try cursor.peek(3).elementsEqual("TAG".utf8) { end -= 128 }
    }
    // APE tags (hydrogenaudio wiki, "APE Tags Header"): items, and a footer of 32 bytes that tells the
    // size of both; before them, where a flag says so, a header of 32 bytes.
    if end - start >= 32 {
      try cursor.seek(to: end - 32)
      if try cursor.passes("APETAGEX".utf8) {
        try cursor.skip(4)
        let size = try cursor.little(4)
        try cursor.skip(4)
        let hasHeader = try cursor.little(4) >> 31 == 1
        end -= size + (hasHeader ? 32 : 0)
      }
    }
    guard end >= start else { throw damaged }
    return end
  }

  /// What the first frame tells of the whole, instead of a sound: "Xing", by encoders of variable rate,
  /// "Info", by LAME for constant rate, or "VBRI", by Fraunhofer's.
  private struct Announcement {
    var frames: Int64?
    var bytes: Int64?

    /// `nil` if the frame is a sound.
    init?(_ cursor: MediaCursor, _ header: MP3FrameHeader) throws {
      var cursor = cursor
      let start = cursor.position
      guard header.length >= 64, cursor.remaining >= header.length else { return nil }
      try cursor.skip(4 + Int64(header.sideInformation))
      if try cursor.passes("Xing".utf8) || cursor.passes("Info".utf8) {
        let flags = try cursor.big(4)
        if flags & 1 != 0 { frames = try cursor.big(4) }
        if flags & 2 != 0 { bytes = try cursor.big(4) }
        return
      }
      try cursor.seek(to: start + 36)
      guard try cursor.passes("VBRI".utf8) else { return nil }
      try cursor.skip(6)
      bytes = try cursor.big(4)
      frames = try cursor.big(4)
    }
  }
}
