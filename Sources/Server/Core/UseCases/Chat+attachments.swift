import Logging
public import MartletMedia
public import MartletProtocol

/// What may be uploaded, by whom, and who may fetch it. The bytes go past these, over HTTP.
extension Chat {
  /// Begins an upload: everything that can be refused by name and size is refused here.
  public func beginUpload(
    named name: String, size: Int64, as signedIn: SignedIn
  ) async throws(RPCError) -> AttachmentID {
    try AttachmentName.check(name)
    let format = try Self.format(ofFile: name)
    guard size > 0 else { throw RPCError(.damagedAttachment, "The file is empty.") }
    let limit = limits.attachmentBytes(of: format.kind)
    guard size <= limit else {
      let (one, many) =
        switch format.kind {
        case .image: ("image", "images")
        case .audio: ("audio file", "audio files")
        }
      throw RPCError(
        .attachmentTooLarge,
        "The \(one) is \(Self.megabytes(size)); \(many) may be up to \(Self.megabytes(limit)).")
    }
    let quota = policy.attachmentQuota
    let begun = try await asking { () async throws(StoreError) in
      try await outside.attachments.beginUpload(
        by: signedIn.user.id, name: name, size: size, quota: quota)
    }
    switch begun {
    case .begun(let id): return id
    case .overQuota(let used):
      throw RPCError(
        .quotaExceeded,
        "Your files take \(Self.megabytes(used)) of \(Self.megabytes(quota)), and this one has "
          + "\(Self.megabytes(size)); clear a history with files in it.")
    }
  }

  /// An upload of the user's own.
  public func upload(
    _ id: AttachmentID, as signedIn: SignedIn
  ) async throws(RPCError) -> Upload {
    let found = try await asking { () async throws(StoreError) in
      try await outside.attachments.upload(id, of: signedIn.user.id)
    }
    guard let upload = found else { throw Self.unknownAttachment }
    return upload
  }

  /// Makes an upload a file that can be sent, once its bytes were found to be what its name says.
  public func finish(
    _ upload: Upload, as inspection: MediaInspection
  ) async throws(RPCError) -> Attachment {
    let finished = try await asking { () async throws(StoreError) in
      try await outside.attachments.finishUpload(upload.id, as: inspection)
    }
    guard let attachment = finished else { throw Self.unknownAttachment }
    return attachment
  }

  /// Removes an upload whose bytes are not what its name says, and says so.
  ///
  /// - Throws: always; ``ErrorCode/damagedAttachment`` when it was removed.
  public func refuse(
    _ upload: Upload, for fault: MediaFault, as signedIn: SignedIn
  ) async throws(RPCError) -> Never {
    _ = try await asking { () async throws(StoreError) in
      try await outside.attachments.giveUp(upload.id, of: signedIn.user.id)
    }
    wakeCleaners()
    outside.logger.info(
      "attachment refused",
      metadata: ["user": "\(signedIn.user.id)", "attachment": "\(upload.id)", "cause": "\(fault)"])
    switch fault {
    case .mismatch(let actual?):
      throw RPCError(
        .damagedAttachment,
        "The file's content is \(actual.rawValue), which is not what its name ends in; rename it.")
    case .mismatch(nil):
      throw RPCError(
        .damagedAttachment, "The file's content is not what its name ends in; check the file.")
    case .damaged(let cause):
      throw RPCError(.damagedAttachment, cause)
    }
  }

  /// Gives up an upload, or a file in no message.
  public func giveUpUpload(_ id: AttachmentID, as signedIn: SignedIn) async throws(RPCError) {
    let outcome = try await asking { () async throws(StoreError) in
      try await outside.attachments.giveUp(id, of: signedIn.user.id)
    }
    switch outcome {
    case .givenUp: wakeCleaners()
    case .unknown: throw Self.unknownAttachment
    case .sent:
      throw RPCError(
        .uploadConflict, "The file has been sent; it goes when the history with it is cleared.")
    }
  }

  /// A file that the user may fetch.
  public func attachment(
    _ id: AttachmentID, as signedIn: SignedIn
  ) async throws(RPCError) -> Attachment {
    let found = try await asking { () async throws(StoreError) in
      try await outside.attachments.attachment(id, visibleTo: signedIn.user.id)
    }
    guard let attachment = found else { throw Self.unknownAttachment }
    return attachment
  }

  /// The format that a file must have by its name.
  public static func format(ofFile name: String) throws(RPCError) -> AttachmentFormat {
    guard let format = AttachmentFormat(fileName: name) else {
      let endings = AttachmentFormat.allCases.flatMap(\.fileExtensions).joined(separator: ", ")
      throw RPCError(.unsupportedFormat, "Files of this kind are not taken, only \(endings).")
    }
    return format
  }

  /// Words for a file that is not there, is not whole, or is none of the asker's business: the same
  /// for all three.
  public static let unknownAttachment = RPCError(
    .unknownAttachment, "There is no such file, or it is not whole, or you may not see it.")

  func wakeCleaners() {
    for cleaner in outside.cleaners { cleaner.wake() }
  }

  /// A size for people, rounded up: what is a byte too large must not read like what is allowed.
  private static func megabytes(_ bytes: Int64) -> String {
    guard bytes >= 100_000 else { return "\(bytes) bytes" }
    let tenths = bytes / 100_000 + (bytes % 100_000 == 0 ? 0 : 1)
    return tenths % 10 == 0 ? "\(tenths / 10) MB" : "\(tenths / 10).\(tenths % 10) MB"
  }
}
