import MartletProtocol

/// The course of one upload: which request comes next, whatever was answered or broke off. It performs
/// nothing.
struct UploadState {
  /// What is to be done next.
  enum Step: Equatable, Sendable {
    /// Announce the file.
    case create
    /// Send the bytes from an offset to the end.
    case append(AttachmentID, from: Int64)
    /// Ask how far the upload is.
    case ask(AttachmentID)
    /// Wait as the backoff has it, then call ``UploadState/resume()``.
    case pause(failures: Int, floor: Duration)
    case finished(Attachment)
    case failed(TransferError)
  }

  /// The file's size in bytes.
  let size: Int64
  /// The upload, once the server has made it.
  private(set) var id: AttachmentID?
  private var offset: Int64 = 0
  private var failures = TransferFailures()
  private var last = Step.create

  /// - Parameter id: an upload of this file that was begun before.
  init(size: Int64, resuming id: AttachmentID? = nil) {
    self.size = size
    self.id = id
  }

  mutating func begin() -> Step { resume() }

  /// The request after a pause.
  mutating func resume() -> Step { go(id.map(Step.ask) ?? .create) }

  /// The connection was lost, or never made, before the last step was answered.
  mutating func broke(_ reason: String) -> Step {
    failures.failed()
      ? go(.pause(failures: failures.count, floor: .zero)) : go(.failed(.interrupted(reason)))
  }

  mutating func answered(_ answer: TransferAnswer) -> Step {
    guard answer.isSuccess else { return refused(answer) }
    switch last {
    case .create:
      guard let upload = answer.decoded(as: TransferAnswer.Upload.self),
        (0...size).contains(upload.offset)
      else { return go(.failed(.notUnderstood)) }
      return advance(upload.id, to: upload.offset)
    case .append(let id, _):
      // An attachment has an `id`, too, but no `offset`.
      if let upload = answer.decoded(as: TransferAnswer.Upload.self) {
        guard upload.id == id, (0...size).contains(upload.offset) else {
          return go(.failed(.notUnderstood))
        }
        guard upload.offset > offset || failures.failed() else {
          return go(.failed(.notUnderstood))
        }
        return advance(id, to: upload.offset)
      }
      guard let attachment = answer.decoded(as: Attachment.self), attachment.id == id,
        attachment.size == size
      else { return go(.failed(.notUnderstood)) }
      return go(.finished(attachment))
    case .ask(let id):
      guard let offset = answer.uploadOffset, (0...size).contains(offset),
        answer.uploadLength == nil || answer.uploadLength == size
      else { return go(.failed(.notUnderstood)) }
      return advance(id, to: offset)
    case .pause, .finished, .failed: return last
    }
  }

  private mutating func refused(_ answer: TransferAnswer) -> Step {
    let refusal = answer.refusal
    // Under its id the upload is not to be had any more: it begins again, without end only if the
    // server kept losing it.
    if refusal.code == .unknownAttachment, id != nil, failures.failed() {
      id = nil
      offset = 0
      return go(.create)
    }
    if refusal.code == .uploadConflict, let id {
      guard failures.failed() else { return go(.failed(.refused(refusal))) }
      if let right = answer.uploadOffset, right != offset, (0...size).contains(right) {
        return advance(id, to: right)
      }
      // Being continued elsewhere, such as by what is left of a connection that broke.
      return go(.pause(failures: failures.count, floor: refusal.patience))
    }
    guard refusal.isPassing, failures.failed() else { return go(.failed(.refused(refusal))) }
    return go(.pause(failures: failures.count, floor: refusal.patience))
  }

  private mutating func advance(_ id: AttachmentID, to offset: Int64) -> Step {
    failures.reached(offset)
    self.id = id
    self.offset = offset
    return go(.append(id, from: offset))
  }

  private mutating func go(_ step: Step) -> Step {
    last = step
    return step
  }
}
