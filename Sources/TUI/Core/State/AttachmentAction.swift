public import MartletProtocol

/// What happens to files: in answer to an ``AttachmentEffect``.
public enum AttachmentAction: Sendable {
  /// In answer to `inspect`.
  case inspected(path: String, InspectionPurpose, Result<LocalFile, FileProblem>)
  /// In answer to `listDirectory`, for the input as it was then.
  case directoryListed(input: String, [DirectoryEntry])

  // Uploads, by the key of the message that waits for them.
  case uploadBegan(IdempotencyKey, AttachmentID)
  case uploadAdvanced(IdempotencyKey, bytes: Int64)
  case uploadFinished(IdempotencyKey, Attachment)
  case uploadFailed(IdempotencyKey, TransferFailure)

  // Downloads.
  case downloadAdvanced(AttachmentID, bytes: Int64)
  /// It is whole, at a path in the client's own directory.
  case downloadFinished(AttachmentID, path: String)
  case downloadFailed(AttachmentID, TransferFailure)

  /// In answer to `save`: where it went.
  case saved(AttachmentID, Result<String, FileProblem>)
  /// In answer to `open`, when the opener could not be run.
  case openerMissing(String)
  /// In answer to `open`, when the opener said that it did not work.
  case openerFailed(String)
  /// In answer to `drawPicture`.
  case pictureDrawn(AttachmentID, PictureRequest, Result<Picture, PictureProblem>)

  // The player.
  case playerStarted(AttachmentID, program: String)
  case playerEnded(AttachmentID, PlayerEnd)
}

/// What a file was looked at for.
public enum InspectionPurpose: Hashable, Sendable {
  /// `/send`; the input as it was.
  case send(input: String)
  /// A paste that is a path; its text, in case it turns out to be only that.
  case paste(text: String)
}

/// Why a file of this machine cannot be used.
public enum FileProblem: Error, Hashable, Sendable {
  case missing
  /// It is a directory or something else that is no regular file.
  case notRegular
  case noPermission
  /// The disk, or the user's share of it, is full.
  case noSpace
  case readOnly
  /// The disk fails.
  case damagedDisk
  /// Something else; the system's words.
  case system(String)
}

/// Why a transfer failed.
public enum TransferFailure: Error, Hashable, Sendable {
  /// The server refused it.
  case refused(RPCError)
  /// The connection broke too often.
  case interrupted
  /// The file is not what it was when it was chosen.
  case fileChanged
  /// The file here cannot be read or written.
  case file(FileProblem)
  /// The server sent something else than was asked for.
  case notUnderstood
}

/// Why a picture cannot be shown.
public enum PictureProblem: Error, Hashable, Sendable {
  /// The program that draws it is not installed.
  case programMissing
  /// It ran, and drew nothing.
  case failed
}

/// How a player ended.
public enum PlayerEnd: Hashable, Sendable {
  /// It came to the end, or was stopped here.
  case finished
  /// It failed.
  case failed(program: String)
  /// None is installed that plays the format: those that would.
  case missing([String])
}
