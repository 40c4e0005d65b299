public import MartletProtocol

/// Bytes that can be read anywhere, such as a file.
public protocol RandomAccessBytes {
  /// How many there are.
  var count: Int64 { get }
  /// The bytes from `offset` on; fewer than `count` only where they end.
  func read(at offset: Int64, count: Int) throws -> [UInt8]
}

/// What a file was found to be.
public struct MediaInspection: Hashable, Sendable {
  /// The format, as asked for.
  public let format: AttachmentFormat
  /// The picture's width in pixels; `nil` for sound.
  public let width: Int?
  /// The picture's height in pixels; `nil` for sound.
  public let height: Int?

  public init(format: AttachmentFormat, width: Int?, height: Int?) {
    self.format = format
    self.width = width
    self.height = height
  }
}

/// Why a file is refused.
public enum MediaFault: Error, Hashable, Sendable {
  /// It is something else than its ending says: a whole file of another format that may be sent, or
  /// (`nil`) anything.
  case mismatch(actual: AttachmentFormat?)
  /// It is not whole, not sound, or more than a file of its format; in words for people.
  case damaged(String)

  static let cutShort = Self.damaged("The file is cut short.")
  static let goesOn = Self.damaged("The file goes on behind its end.")
}

/// Decides what a file is by the structure of its content, from the first byte to the last.
///
/// A file passes when its parts follow each other as the format says, the last ends where the file
/// does, and nothing is missing. What is compressed in them is not decoded. Memory is constant, and
/// time linear in the size of the file, whatever its bytes are.
public enum MediaInspector {
  /// Inspects a file whose ending says that it is of `format`.
  ///
  /// Opus in an Ogg container passes as ``AttachmentFormat/ogg`` too, since RFC 7845 (section 9) only
  /// recommends the ending `.opus` for it; other codecs do not pass as ``AttachmentFormat/opus``.
  /// - Throws: `MediaFault`, or what reading the bytes throws.
  public static func inspect(
    _ bytes: some RandomAccessBytes, as format: AttachmentFormat
  ) throws -> MediaInspection {
    var cursor = MediaCursor(bytes)
    guard !cursor.isAtEnd else { throw MediaFault.damaged("The file is empty.") }
    guard let actual = try promised(by: &cursor) else { throw MediaFault.mismatch(actual: nil) }
    guard actual == format || actual == .opus && format == .ogg else {
      throw MediaFault.mismatch(actual: try isWhole(&cursor, as: actual) ? actual : nil)
    }
    let size = try walk(&cursor, as: actual)
    return MediaInspection(format: format, width: size?.width, height: size?.height)
  }

  /// The format that the first bytes promise.
  private static func promised(by cursor: inout MediaCursor) throws -> AttachmentFormat? {
    let head = try cursor.peek(12)
    return switch true {
    case head.starts(with: PNGStructure.signature): .png
    case head.starts(with: [0xFF, 0xD8, 0xFF]): .jpeg
    case head.starts(with: "GIF87a".utf8), head.starts(with: "GIF89a".utf8): .gif
    case head.starts(with: "BM".utf8): .bmp
    case head.starts(with: "RIFF".utf8) && head.dropFirst(8).elementsEqual("WEBP".utf8): .webp
    case head.starts(with: "RIFF".utf8) && head.dropFirst(8).elementsEqual("WAVE".utf8): .wav
    case head.dropFirst(4).starts(with: "ftyp".utf8): .m4a
    case head.starts(with: "OggS".utf8): try OggStructure.format(at: cursor)
    case head.starts(with: "fLaC".utf8): .flac
    case head.starts(with: "ID3".utf8): try afterTag(cursor)
    case MP3FrameHeader(head) != nil: .mp3
    default: nil
    }
  }

  /// The format of what an ID3 tag is put in front of: FLAC, as some programs do, or MP3.
  private static func afterTag(_ cursor: MediaCursor) throws -> AttachmentFormat {
    var cursor = cursor
    do {
      try ID3Tag.skipAll(&cursor)
      return try cursor.peek(4).elementsEqual("fLaC".utf8) ? .flac : .mp3
    } catch is MediaFault {
      return .mp3
    }
  }

  private static func isWhole(
    _ cursor: inout MediaCursor, as format: AttachmentFormat
  ) throws -> Bool {
    do {
      _ = try walk(&cursor, as: format)
      return true
    } catch is MediaFault {
      return false
    }
  }

  private static func walk(
    _ cursor: inout MediaCursor, as format: AttachmentFormat
  ) throws -> PixelSize? {
    var size: PixelSize?
    switch format {
    case .png: size = try PNGStructure.walk(&cursor)
    case .jpeg: size = try JPEGStructure.walk(&cursor)
    case .gif: size = try GIFStructure.walk(&cursor)
    case .webp: size = try WebPStructure.walk(&cursor)
    case .bmp: size = try BMPStructure.walk(&cursor)
    case .mp3: try MP3Structure.walk(&cursor)
    case .wav: try WAVStructure.walk(&cursor)
    case .ogg, .opus: try OggStructure.walk(&cursor)
    case .flac: try FLACStructure.walk(&cursor)
    case .m4a: try MP4Structure.walk(&cursor)
    }
    guard cursor.isAtEnd else { throw MediaFault.goesOn }
    return size
  }
}
