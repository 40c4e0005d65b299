/// ID3 version 2 (id3.org, "ID3 tag version 2.4.0", section 3.1): data about a sound, in front of it.
enum ID3Tag {
  /// One is usual, and programs that add theirs leave a second; millions would be a trick.
  private static let maximumTags = 16

  /// Passes the tags at the cursor, if any.
  static func skipAll(_ cursor: inout MediaCursor) throws {
    for _ in 0..<maximumTags {
      guard try cursor.peek(3).elementsEqual("ID3".utf8) else { return }
      let header = try cursor.take(10)
      // Four times seven bits.
      guard (2...4).contains(header[3]), header[4] != 0xFF, header[6...].allSatisfy({ $0 < 0x80 })
      else { throw MediaFault.damaged("The ID3 tag of the file is damaged.") }
      let size = header[6...].reduce(Int64(0)) { $0 << 7 | Int64($1) }
      // Section 3.4: from version 4 on, a flag says that the header is repeated at the end.
      try cursor.skip(size + (header[3] == 4 && header[5] & 0x10 != 0 ? 10 : 0))
    }
  }
}
