import MartletMedia
import MartletProtocol
import ServerCore

extension PostgresStore: AttachmentStore {
  func beginUpload(
    by owner: UserID, name: String, size: Int64, quota: Int64
  ) async throws(StoreError) -> BegunUpload {
    try await pool.run { connection throws(PostgresError) in
      try connection.transaction { () throws(PostgresError) -> BegunUpload in
        _ = try connection.execute(LockOwner(owner: owner))
        let used = try connection.execute(MeasureFiles(owner: owner)).first ?? 0
        guard used <= quota, max(size, Self.quotaBlock) <= quota - used else {
          return .overQuota(used: used)
        }
        let create = CreateUpload(owner: owner, name: name, size: size)
        guard let id = try connection.execute(create).first else {
          throw PostgresError(kind: .unexpectedAnswer, cause: "an upload got no id")
        }
        return .begun(id)
      }
    }
  }

  func upload(_ id: AttachmentID, of owner: UserID) async throws(StoreError) -> Upload? {
    try await run(FindUpload(id: id, owner: owner)).first.map {
      Upload(id: id, name: $0.name, size: $0.size, attachment: $0.attachment)
    }
  }

  func finishUpload(
    _ id: AttachmentID, as inspection: MediaInspection
  ) async throws(StoreError) -> Attachment? {
    try await run(FinishUpload(id: id, inspection: inspection)).first ?? nil
  }

  func attachment(
    _ id: AttachmentID, visibleTo user: UserID
  ) async throws(StoreError) -> Attachment? {
    try await run(FindAttachment(id: id, user: user)).first ?? nil
  }

  func giveUp(_ id: AttachmentID, of owner: UserID) async throws(StoreError) -> GivingUp {
    try await pool.run { connection throws(PostgresError) in
      try connection.transaction { () throws(PostgresError) -> GivingUp in
        guard try connection.execute(FindUpload(id: id, owner: owner)).first != nil else {
          return .unknown
        }
        _ = try connection.execute(LockAttachments(attachments: [id]))
        let gone = try connection.execute(DeleteUnsentAttachments(attachments: [id]))
        guard gone.isEmpty else { return .givenUp }
        // Sent, or gone while the lock was waited for.
        let left = try connection.execute(FindUpload(id: id, owner: owner))
        return left.isEmpty ? .unknown : .sent
      }
    }
  }
}

/// What ``AttachmentSweeper`` asks.
extension PostgresStore {
  /// How many files are dealt with at a time.
  static let sweepBatch = 1000

  /// Removes uploads that nobody finished or sent in a day, and dooms their files. Returns whether
  /// there may be more.
  func doomExpiredUploads() async throws(StoreError) -> Bool {
    try await pool.run { connection throws(PostgresError) in
      try connection.transaction { () throws(PostgresError) -> Bool in
        let expired = try connection.execute(LockExpiredUploads(limit: Self.sweepBatch))
        guard !expired.isEmpty else { return false }
        _ = try connection.execute(DeleteUnsentAttachments(attachments: expired))
        return expired.count == Self.sweepBatch
      }
    }
  }

  /// Some of the files that are to be removed, in ascending order, past one of them.
  func doomedFiles(after id: AttachmentID) async throws(StoreError) -> [AttachmentID] {
    try await run(ListDoomedFiles(after: id, limit: Self.sweepBatch))
  }

  /// Files have been removed.
  func forgetDoomedFiles(_ ids: [AttachmentID]) async throws(StoreError) {
    _ = try await run(ForgetDoomedFiles(attachments: ids))
  }

  /// Those of some files that no row knows.
  func unknownFiles(among ids: [AttachmentID]) async throws(StoreError) -> [AttachmentID] {
    try await run(ListUnknownFiles(files: ids))
  }
}
