public import MartletMedia
public import MartletProtocol

/// Where it is kept which files there are, whose they are, and who may see them. The bytes are
/// elsewhere, under the id.
public protocol AttachmentStore: Sendable {
  /// Makes room for a file that is about to come, unless its owner's files would together exceed the
  /// quota.
  ///
  /// - Parameter quota: in bytes. A file counts as ``quotaBlock`` bytes at least.
  func beginUpload(
    by owner: UserID, name: String, size: Int64, quota: Int64
  ) async throws(StoreError) -> BegunUpload

  /// A user's own file, whole or not; `nil` when there is none of that id.
  func upload(_ id: AttachmentID, of owner: UserID) async throws(StoreError) -> Upload?

  /// Notes that a file is all there, and what it is. Doing so twice is no error; `nil` when it was
  /// given up meanwhile.
  func finishUpload(
    _ id: AttachmentID, as inspection: MediaInspection
  ) async throws(StoreError) -> Attachment?

  /// A whole file that is the user's own or in a message of a conversation of the user's; `nil` when
  /// there is none of that id.
  func attachment(
    _ id: AttachmentID, visibleTo user: UserID
  ) async throws(StoreError) -> Attachment?

  /// Removes a user's own file, whole or not, unless a message carries it. The bytes are left to the
  /// ``Cleaner``s.
  func giveUp(_ id: AttachmentID, of owner: UserID) async throws(StoreError) -> GivingUp
}

extension AttachmentStore {
  /// What the smallest file counts, in bytes: about what it takes, so that a quota bounds the number
  /// of files, too.
  public static var quotaBlock: Int64 { 4096 }
}

/// The answer to beginning an upload.
public enum BegunUpload: Hashable, Sendable {
  case begun(AttachmentID)
  /// It would be too much; so many bytes are taken.
  case overQuota(used: Int64)
}

/// A file as its owner's uploads see it.
public struct Upload: Hashable, Sendable {
  public let id: AttachmentID
  /// What its owner calls it.
  public let name: String
  /// How many bytes it is to have.
  public let size: Int64
  /// The file, once it is whole and was found to be what it says.
  public let attachment: Attachment?

  public init(id: AttachmentID, name: String, size: Int64, attachment: Attachment?) {
    self.id = id
    self.name = name
    self.size = size
    self.attachment = attachment
  }
}

/// The answer to giving a file up.
public enum GivingUp: Hashable, Sendable {
  case givenUp
  case unknown
  /// A message carries it: it stays until the last such message is cleared.
  case sent
}
