/// FLAC (RFC 9639): a signature, blocks of metadata, and frames.
///
/// A frame does not tell its size. It ends where its check comes out right and the header of the next
/// one, which is checked and numbered, or the end of the file is; so frames are told apart without
/// decoding them.
enum FLACStructure {
  static func walk(_ cursor: inout MediaCursor) throws {
    // Not in the standard, but in front of files that old programs made.
    try ID3Tag.skipAll(&cursor)
    guard try cursor.passes("fLaC".utf8) else { throw damaged }
    let total = try samples(&cursor)
    guard var frame = FLACFrameHeader(try cursor.peek(FLACFrameHeader.maximumLength)) else {
      throw cursor.isAtEnd ? MediaFault.cutShort : damaged
    }
    var samples = frame.samples
    while let next = try nextFrame(&cursor, after: frame) {
      frame = next
      samples += next.samples
    }
    // Section 8.2: 0 says that the number is not known.
    guard total == 0 || samples >= total else { throw MediaFault.cutShort }
    guard total == 0 || samples == total else { throw MediaFault.goesOn }
  }

  private static let damaged = MediaFault.damaged("The FLAC file is damaged.")

  /// Passes the blocks of metadata (section 8), and says how many samples every channel has.
  private static func samples(_ cursor: inout MediaCursor) throws -> UInt64 {
    var total: UInt64 = 0
    var isFirst = true
    var isLast = false
    while !isLast {
      let head = try cursor.byte()
      let length = try cursor.big(3)
      isLast = head & 0x80 != 0
      // 0 is STREAMINFO, which is the first and only the first; 127 is forbidden.
      guard isFirst == (head & 0x7F == 0), head & 0x7F != 127 else { throw damaged }
      if isFirst {
        guard length == 34 else { throw damaged }
        total = try streamInfo(cursor)
      }
      try cursor.skip(length)
      isFirst = false
    }
    return total
  }

  /// Section 8.2: sizes of blocks and frames, 20 bits of sample rate, 3 of channels, 5 of sample size,
  /// and 36 of samples.
  private static func streamInfo(_ cursor: MediaCursor) throws -> UInt64 {
    var cursor = cursor
    let smallest = try cursor.big(2)
    let largest = try cursor.big(2)
    try cursor.skip(6)
    let rate = try cursor.big(3) >> 4
    guard smallest >= 16, largest >= smallest, rate > 0 else { throw damaged }
    return UInt64(try cursor.big(5) & 0xF_FFFF_FFFF)
  }

  /// Passes the frame at the cursor; `nil` if it was the last.
  private static func nextFrame(
    _ cursor: inout MediaCursor, after frame: FLACFrameHeader
  ) throws -> FLACFrameHeader? {
    var check = CRC.flacFrame.adding(try cursor.take(frame.length), to: 0)
    while true {
      check = CRC.flacFrame.adding(try cursor.byte(), to: check)
      guard check == 0 else { continue }
      if cursor.isAtEnd { return nil }
      if try cursor.peekByte() == 0xFF,
        let next = FLACFrameHeader(try cursor.peek(FLACFrameHeader.maximumLength)),
        next.follows(frame)
      {
        return next
      }
    }
  }
}
