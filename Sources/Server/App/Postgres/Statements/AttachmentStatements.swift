import MartletMedia
import MartletProtocol
import ServerCore

/// Lets one upload of a user begin at a time, so that two cannot both find the same room.
struct LockOwner: PostgresStatement {
  typealias Row = Void
  let owner: UserID
  static let sql = "SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE"
  var binds: [PostgresBind] { [.int8(owner.rawValue)] }
}

/// How many bytes the files of a user take, whole or not.
struct MeasureFiles: PostgresStatement {
  let owner: UserID
  static let sql = """
    SELECT coalesce(sum(greatest(size, $2)), 0)::bigint FROM attachments WHERE owner_id = $1
    """
  var binds: [PostgresBind] { [.int8(owner.rawValue), .int8(PostgresStore.quotaBlock)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Int64 { try row.int8() }
}

/// Notes a file that is about to come.
struct CreateUpload: PostgresStatement {
  let owner: UserID
  let name: String
  let size: Int64
  static let sql = "INSERT INTO attachments (owner_id, name, size) VALUES ($1, $2, $3) RETURNING id"
  var binds: [PostgresBind] { [.int8(owner.rawValue), .text(name), .int8(size)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AttachmentID {
    try row.uuid()
  }
}

/// A user's own file.
struct FindUpload: PostgresStatement {
  let id: AttachmentID
  let owner: UserID
  static let sql = """
    SELECT name, size, \(Attachment.columnsWhenWhole) FROM attachments
    WHERE id = $1 AND owner_id = $2
    """
  var binds: [PostgresBind] { [.uuid(id), .int8(owner.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> StoredUpload {
    StoredUpload(
      name: try row.text(), size: try row.int8(), attachment: try Attachment(row: &row))
  }
}

/// An ``Upload`` but for its id.
struct StoredUpload: Sendable {
  let name: String
  let size: Int64
  let attachment: Attachment?
}

/// Notes what a file is that is all there. No row when it was given up.
struct FinishUpload: PostgresStatement {
  let id: AttachmentID
  let inspection: MediaInspection
  static let sql = """
    -- No picture has no extent: 0 stands for none.
    UPDATE attachments
    SET media_type = $2, width = nullif($3, 0)::integer, height = nullif($4, 0)::integer
    WHERE id = $1
    RETURNING \(Attachment.columnsWhenWhole)
    """
  var binds: [PostgresBind] {
    [
      .uuid(id), .text(inspection.format.mediaType.rawValue),
      .int8(Int64(clamping: inspection.width ?? 0)), .int8(Int64(clamping: inspection.height ?? 0)),
    ]
  }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Attachment? {
    try Attachment(row: &row)
  }
}

/// A whole file that its owner or a reader of it asks for.
struct FindAttachment: PostgresStatement {
  let id: AttachmentID
  let user: UserID
  static let sql = """
    SELECT \(Attachment.columnsWhenWhole) FROM attachments
    WHERE id = $1 AND (
      owner_id = $2 OR EXISTS (
        SELECT FROM messages JOIN members USING (conversation_id)
        WHERE attachment_id = $1 AND user_id = $2))
    """
  var binds: [PostgresBind] { [.uuid(id), .int8(user.rawValue)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> Attachment? {
    try Attachment(row: &row)
  }
}

/// Uploads of more than a day ago that no message carries, locked against messages that are about
/// to. Those that somebody else has locked are left for the next time.
struct LockExpiredUploads: PostgresStatement {
  let limit: Int
  static let sql = """
    SELECT id FROM attachments
    WHERE created_at < now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM messages WHERE attachment_id = attachments.id)
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
    """
  var binds: [PostgresBind] { [.int8(Int64(limit))] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AttachmentID {
    try row.uuid()
  }
}

/// Deletes those of some locked attachments that no message carries, and dooms their files. Unlike
/// ``DeleteUnusedAttachments`` it leaves their names in the holes of pages: nobody was told that
/// they would be gone for good, and nobody else has seen them.
struct DeleteUnsentAttachments: PostgresStatement {
  let attachments: [AttachmentID]
  static let sql = """
    WITH gone AS (
      DELETE FROM attachments
      WHERE id = ANY ($1)
        AND NOT EXISTS (SELECT FROM messages WHERE attachment_id = attachments.id)
      RETURNING id
    )
    INSERT INTO doomed_files (attachment_id) SELECT id FROM gone
    ON CONFLICT (attachment_id) DO UPDATE SET attachment_id = excluded.attachment_id
    RETURNING attachment_id
    """
  var binds: [PostgresBind] { [.uuidArray(attachments)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AttachmentID {
    try row.uuid()
  }
}

/// Files whose rows are gone and which are still to be removed, past one of them.
struct ListDoomedFiles: PostgresStatement {
  let after: AttachmentID
  let limit: Int
  static let sql = """
    SELECT attachment_id FROM doomed_files WHERE attachment_id > $1
    ORDER BY attachment_id LIMIT $2
    """
  var binds: [PostgresBind] { [.uuid(after), .int8(Int64(limit))] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AttachmentID {
    try row.uuid()
  }
}

/// Strikes out files that have been removed.
struct ForgetDoomedFiles: PostgresStatement {
  typealias Row = Void
  let attachments: [AttachmentID]
  static let sql = "DELETE FROM doomed_files WHERE attachment_id = ANY ($1)"
  var binds: [PostgresBind] { [.uuidArray(attachments)] }
}

/// Those of some files that nothing is known of.
struct ListUnknownFiles: PostgresStatement {
  let files: [AttachmentID]
  static let sql = """
    SELECT id FROM unnest($1::uuid[]) AS file (id)
    WHERE NOT EXISTS (SELECT FROM attachments WHERE attachments.id = file.id)
    """
  var binds: [PostgresBind] { [.uuidArray(files)] }
  static func decode(_ row: inout PostgresRow) throws(PostgresError) -> AttachmentID {
    try row.uuid()
  }
}

extension Attachment {
  /// The columns from which ``init(row:)`` reads, of `attachments`; what it gives is `nil` while the
  /// file is not whole.
  fileprivate static let columnsWhenWhole = """
    CASE WHEN media_type IS NOT NULL THEN id END, name, media_type, size, width::bigint,
    height::bigint
    """
}
