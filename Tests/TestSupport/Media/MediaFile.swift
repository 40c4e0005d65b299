import FoundationEssentials
public import MartletProtocol

/// A small real file, as made by the encoders in `generate.sh`.
public struct MediaFile: Hashable, Sendable, CustomStringConvertible {
  /// Its name, with the ending.
  public let name: String
  /// Its format, as its ending says.
  public let format: AttachmentFormat
  /// The width and the height of every picture among them.
  public static let pictureSize = (width: 20, height: 12)

  /// Where it is.
  public var path: String { Self.folder.appending(path: name).path }
  public var description: String { name }

  /// All of it.
  public func bytes() throws -> [UInt8] {
    Array(try Data(contentsOf: Self.folder.appending(path: name)))
  }

  /// Files that may be sent, of every format, and of several kinds of each.
  public static let all: [MediaFile] = [
    .png: ["rgb", "palette", "gray", "interlaced", "animated"],
    .jpeg: ["baseline", "progressive", "gray"],
    .gif: ["still", "animated"],
    .webp: ["lossy", "lossless", "alpha", "animated"],
    .bmp: ["rgb", "alpha", "palette", "runs", "core", "version5"],
    .mp3: ["constant", "variable", "low", "bare"],
    .wav: ["plain", "list", "extensible", "adpcm"],
    .ogg: ["vorbis", "speex", "flac", "opus"],
    .opus: ["pages", "tool"],
    .flac: ["comment", "picture"],
    .m4a: ["end", "start", "alac", "fragments"],
  ].flatMap { format, names in
    names.map { MediaFile(name: "\($0).\(format.rawValue)", format: format) }
  }.sorted { $0.name < $1.name }

  /// Files that are something else than their endings say, and nothing that may be sent.
  public static let disguised: [MediaFile] = [
    MediaFile(name: "film.m4a", format: .m4a), MediaFile(name: "film.ogg", format: .ogg),
    MediaFile(name: "layer2.mp3", format: .mp3),
  ]

  /// The file of this name among them.
  public static func named(_ name: String) throws -> MediaFile {
    guard let file = all.first(where: { $0.name == name }) else {
      throw Failure("there is no \(name)")
    }
    return file
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Files")
}
