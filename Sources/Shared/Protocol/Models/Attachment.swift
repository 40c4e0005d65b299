/// A file that a message carries. Its bytes are fetched over HTTP.
public struct Attachment: Codable, Hashable, Sendable {
  /// The file.
  public let id: AttachmentID
  /// What its sender called it: a name without directories, from another person, to be shown and used
  /// with care.
  public let name: String
  /// What it is, as its content shows.
  public let mediaType: MediaType
  /// Its size in bytes.
  public let size: Int64
  /// The picture's width in pixels; `nil` for sound.
  public let width: Int?
  /// The picture's height in pixels; `nil` for sound.
  public let height: Int?

  public init(
    id: AttachmentID, name: String, mediaType: MediaType, size: Int64, width: Int? = nil,
    height: Int? = nil
  ) {
    self.id = id
    self.name = name
    self.mediaType = mediaType
    self.size = size
    self.width = width
    self.height = height
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(AttachmentID.self, forKey: .id)
    name = try container.decodeText(forKey: .name, atMost: AttachmentName.maximumBytes)
    mediaType = try container.decode(MediaType.self, forKey: .mediaType)
    size = try container.decode(Int64.self, forKey: .size)
    width = try container.decodeIfPresent(Int.self, forKey: .width)
    height = try container.decodeIfPresent(Int.self, forKey: .height)
  }

  private enum CodingKeys: String, CodingKey {
    case id, name, size, width, height
    case mediaType = "media_type"
  }
}

/// What a file is, as a media type (RFC 6838). The set is open: a client shows one that it does not
/// know as a file.
public struct MediaType: RawRepresentable, Codable, Hashable, Sendable {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// What is to be done with a file of this type.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// To be looked at.
    case image
    /// To be listened to.
    case audio
  }

  /// `nil` for a type that is neither.
  public var kind: Kind? { Kind(rawValue: String(rawValue.prefix { $0 != "/" })) }
}

/// The files that may be sent.
public enum AttachmentFormat: String, Hashable, Sendable, CaseIterable {
  case png, jpeg, gif, webp, bmp
  case mp3, wav, ogg, opus, flac, m4a

  /// The format that a file name's ending stands for, in any case; `nil` for one that is not allowed.
  public init?(fileName: String) {
    guard let dot = fileName.lastIndex(of: ".") else { return nil }
    let ending = fileName[fileName.index(after: dot)...].lowercased()
    guard let format = Self.allCases.first(where: { $0.fileExtensions.contains(ending) }) else {
      return nil
    }
    self = format
  }

  /// The endings of file names that stand for it, the usual one first.
  public var fileExtensions: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg"]
    case .png, .gif, .webp, .bmp, .mp3, .wav, .ogg, .opus, .flac, .m4a: [rawValue]
    }
  }

  /// Its media type, as registered with IANA where it is.
  public var mediaType: MediaType {
    switch self {
    case .png: MediaType(rawValue: "image/png")
    case .jpeg: MediaType(rawValue: "image/jpeg")
    case .gif: MediaType(rawValue: "image/gif")
    case .webp: MediaType(rawValue: "image/webp")
    case .bmp: MediaType(rawValue: "image/bmp")
    case .mp3: MediaType(rawValue: "audio/mpeg")
    case .wav: MediaType(rawValue: "audio/wav")
    case .ogg: MediaType(rawValue: "audio/ogg")
    case .opus: MediaType(rawValue: "audio/ogg;codecs=opus")
    case .flac: MediaType(rawValue: "audio/flac")
    case .m4a: MediaType(rawValue: "audio/mp4")
    }
  }

  /// Whether it is a picture or a sound.
  public var kind: MediaType.Kind {
    switch self {
    case .png, .jpeg, .gif, .webp, .bmp: .image
    case .mp3, .wav, .ogg, .opus, .flac, .m4a: .audio
    }
  }
}

extension Limits {
  /// The largest file of a kind, in bytes.
  public func attachmentBytes(of kind: MediaType.Kind) -> Int64 {
    switch kind {
    case .image: imageBytes
    case .audio: audioBytes
    }
  }
}
