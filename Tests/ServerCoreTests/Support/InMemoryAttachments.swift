import MartletMedia
import MartletProtocol
import ServerCore
import Synchronization

/// The rows of attachments in memory.
final class InMemoryAttachments: AttachmentStore {
  struct Contents: Sendable {
    /// What every question is answered with, when set.
    var failure: StoreError?
    /// By id, with their owners.
    var uploads: [AttachmentID: (owner: UserID, upload: Upload)] = [:]
    var sent: Set<AttachmentID> = []
    /// What the owners' files take.
    var used: Int64 = 0
  }

  private let contents = Mutex(Contents())

  func change(_ body: (inout Contents) -> Void) { contents.withLock { body(&$0) } }

  private func ask<Value: Sendable>(
    _ body: (inout Contents) -> Value
  ) throws(StoreError) -> Value {
    let answer: Result<Value, StoreError> = contents.withLock { contents in
      if let failure = contents.failure { return .failure(failure) }
      return .success(body(&contents))
    }
    return try answer.get()
  }

  func beginUpload(
    by owner: UserID, name: String, size: Int64, quota: Int64
  ) async throws(StoreError) -> BegunUpload {
    try ask { contents in
      guard contents.used + size <= quota else { return .overQuota(used: contents.used) }
      let id = AttachmentID(high: 1, low: UInt64(contents.uploads.count + 1))
      contents.uploads[id] = (
        owner, Upload(id: id, name: name, size: size, attachment: nil)
      )
      return .begun(id)
    }
  }

  func upload(_ id: AttachmentID, of owner: UserID) async throws(StoreError) -> Upload? {
    try ask { contents in
      contents.uploads[id].flatMap { $0.owner == owner ? $0.upload : nil }
    }
  }

  func finishUpload(
    _ id: AttachmentID, as inspection: MediaInspection
  ) async throws(StoreError) -> Attachment? {
    try ask { contents in
      guard let (owner, upload) = contents.uploads[id] else { return nil }
      let attachment = Attachment(
        id: id, name: upload.name, mediaType: inspection.format.mediaType, size: upload.size,
        width: inspection.width, height: inspection.height)
      contents.uploads[id] = (
        owner, Upload(id: id, name: upload.name, size: upload.size, attachment: attachment)
      )
      return attachment
    }
  }

  func attachment(
    _ id: AttachmentID, visibleTo user: UserID
  ) async throws(StoreError) -> Attachment? {
    try ask { contents in
      contents.uploads[id].flatMap { $0.owner == user ? $0.upload.attachment : nil }
    }
  }

  func giveUp(_ id: AttachmentID, of owner: UserID) async throws(StoreError) -> GivingUp {
    try ask { contents in
      guard contents.uploads[id]?.owner == owner else { return .unknown }
      guard !contents.sent.contains(id) else { return .sent }
      contents.uploads[id] = nil
      return .givenUp
    }
  }
}
