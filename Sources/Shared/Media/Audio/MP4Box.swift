/// A box of the ISO base media file format (ISO/IEC 14496-12, section 4.2).
struct MP4Box {
  let type: FourCC
  /// Where its content begins.
  let start: Int64
  /// Where its content ends.
  let end: Int64

  /// Passes the header of the box at the cursor, which has to end at `limit` at the latest.
  init(_ cursor: inout MediaCursor, limit: Int64) throws {
    let begin = cursor.position
    var size = try cursor.big(4)
    type = try cursor.fourCC()
    // 1 says that the size follows. 0, "up to the end of the file", would be right for a file that was
    // cut short too, and for one with anything behind it.
    if size == 1 { size = try cursor.big(8) }
    start = cursor.position
    guard size >= start - begin, limit >= start else { throw Self.damaged }
    guard size <= limit - begin else {
      throw limit == cursor.count ? MediaFault.cutShort : Self.damaged
    }
    end = begin + size
  }

  /// Calls `body` for every box in this one, with the cursor at its content, and goes to the end of this
  /// one. The boxes must fill it.
  func forEach(
    _ cursor: inout MediaCursor, _ body: (MP4Box, inout MediaCursor) throws -> Void
  ) throws {
    try cursor.seek(to: start)
    while cursor.position < end {
      let box = try MP4Box(&cursor, limit: end)
      try body(box, &cursor)
      try cursor.seek(to: box.end)
    }
  }

  static let damaged = MediaFault.damaged("The boxes of the M4A file are damaged.")
}
