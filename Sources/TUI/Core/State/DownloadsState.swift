import MartletProtocol

/// What is being fetched, what for, and what has failed.
struct DownloadsState: Sendable {
  /// What is to be done with a file once it is there.
  enum Use: Hashable, Sendable {
    /// Under a name that the user gave, or the sender's.
    case save(as: String?)
    case open
    case view
    case play
  }

  struct Download: Sendable {
    let attachment: Attachment
    var meter: TransferMeter
    var uses: [Use]
  }

  private(set) var running: [AttachmentID: Download] = [:]
  private(set) var failed: [AttachmentID: TransferFailure] = [:]

  subscript(id: AttachmentID) -> Download? { running[id] }

  /// - Returns: `true` if it has to be asked for: it is not under way yet.
  mutating func want(_ attachment: Attachment, for use: Use) -> Bool {
    failed[attachment.id] = nil
    if running[attachment.id] != nil {
      if running[attachment.id]?.uses.contains(use) == false {
        running[attachment.id]?.uses.append(use)
      }
      return false
    }
    running[attachment.id] = Download(
      attachment: attachment, meter: TransferMeter(total: attachment.size), uses: [use])
    return true
  }

  mutating func note(_ id: AttachmentID, bytes: Int64, at now: Timestamp) {
    running[id]?.meter.note(bytes, at: now)
  }

  /// Takes a download off the list; `nil` for one that is not there.
  mutating func end(_ id: AttachmentID, failure: TransferFailure? = nil) -> Download? {
    let download = running.removeValue(forKey: id)
    if download != nil, let failure { failed[id] = failure }
    return download
  }
}

/// What the player plays.
struct Playing: Hashable, Sendable {
  let attachment: Attachment
  /// Its program, once it runs.
  var program: String?
}
