public import MartletProtocol

/// What the shell is to do about files. Results come back as ``AttachmentAction``s.
public enum AttachmentEffect: Hashable, Sendable {
  /// Looks at a file by its absolute path.
  case inspect(path: String, InspectionPurpose)
  /// Lists a directory by its absolute path, for the completion of the input.
  case listDirectory(path: String, input: String)

  /// Sends a file's bytes for the message with the key.
  case upload(IdempotencyKey, LocalFile)
  /// Ends an upload; the server is told to forget what it has of it.
  case cancelUpload(IdempotencyKey, AttachmentID?)
  /// Fetches a file, unless it is there already.
  case download(Attachment)
  case cancelDownload(AttachmentID)
  /// Ends what is under way for files that are gone, and removes what was fetched of them.
  case forget([AttachmentID])
  /// Ends all transfers and the player, and removes what was fetched: nobody is signed in any more.
  case stopAll

  /// Copies a file that was fetched into the download folder, under a name that is not taken.
  case save(AttachmentID, path: String, name: String)
  /// Hands a file to the desktop's opener.
  case open(path: String)
  /// Draws a picture as cells.
  case drawPicture(AttachmentID, path: String, PictureRequest)
  /// Plays a sound, which is being fetched or is there; the player before it is stopped.
  case play(Attachment)
  case stopPlaying
}

/// A file of this machine that is to be sent, as it was when it was chosen.
public struct LocalFile: Codable, Hashable, Sendable {
  /// Where it is, from the root.
  public var path: String
  /// Its name, as others will see it.
  public var name: String
  /// Its size in bytes.
  public var size: Int64
  /// When it was last changed, in nanoseconds since 1970.
  public var modified: Int64
  /// The upload that has been begun, if any.
  public var upload: AttachmentID?

  public init(
    path: String, name: String, size: Int64, modified: Int64, upload: AttachmentID? = nil
  ) {
    self.path = path
    self.name = name
    self.size = size
    self.modified = modified
    self.upload = upload
  }
}

/// The file of a message on its way.
public enum OutgoingFile: Hashable, Sendable {
  /// Not, or not wholly, at the server yet.
  case local(LocalFile)
  /// At the server: the message can go out. Of which file of this machine it is, in case the server
  /// has lost it before it had the message; `nil` in what an older version has kept.
  case uploaded(Attachment, of: LocalFile?)
}

extension OutgoingMessage {
  /// The file, once the server has it.
  public var attachment: Attachment? {
    if case .uploaded(let attachment, _) = file { attachment } else { nil }
  }

  /// What its file is called, if it has one.
  var fileName: String? {
    switch file {
    case .local(let file): file.name
    case .uploaded(let attachment, _): attachment.name
    case nil: nil
    }
  }
}
