import MartletProtocol

/// The course of one download: from which byte to fetch, and what to make of what arrives. It performs
/// nothing.
struct DownloadState {
  enum Step: Equatable, Sendable {
    /// Fetch from an offset to the end.
    case fetch(from: Int64)
    /// Wait as the backoff has it, then call ``DownloadState/resume()``.
    case pause(failures: Int, floor: Duration)
    /// All bytes are there.
    case finished
    case failed(TransferError)
  }

  /// What the head of an answer said.
  struct Head: Equatable, Sendable {
    var status: Int
    /// The first byte and the size that `Content-Range` names, where it is given.
    var range: (first: Int64, total: Int64)?

    static func == (left: Head, right: Head) -> Bool {
      left.status == right.status && left.range?.first == right.range?.first
        && left.range?.total == right.range?.total
    }
  }

  /// The file's size in bytes, which the message says.
  let size: Int64
  /// How many bytes are there, without a gap.
  private(set) var offset: Int64
  private var failures = TransferFailures()

  /// - Parameter offset: how many bytes are there from an earlier run.
  init(size: Int64, offset: Int64 = 0) {
    self.size = max(0, size)
    // More than there can be is something else.
    self.offset = (0...self.size).contains(offset) ? offset : 0
  }

  /// The largest file that is fetched: ten times what servers take. The size is the server's word, and a
  /// disk is not to be filled by it.
  static let maximumBytes: Int64 = 1 << 30

  mutating func begin() -> Step { resume() }

  /// The step after a pause.
  func resume() -> Step { offset == size ? .finished : .fetch(from: offset) }

  /// Where the body that follows a head belongs; `nil` when it is a refusal.
  ///
  /// - Throws: ``TransferError/notUnderstood`` for an answer to another question.
  mutating func accept(_ head: Head) throws(TransferError) -> Int64? {
    switch head.status {
    case 200:
      // A server that knows nothing of ranges begins again.
      offset = 0
      return 0
    case 206:
      guard let range = head.range, range.first == offset, range.total == size else {
        throw .notUnderstood
      }
      return offset
    case _: return nil
    }
  }

  /// So many bytes more are where they belong.
  ///
  /// - Throws: ``TransferError/notUnderstood`` when there are more than the file has.
  mutating func received(_ count: Int) throws(TransferError) {
    guard Int64(count) <= size - offset else { throw .notUnderstood }
    offset += Int64(count)
    failures.reached(offset)
  }

  /// The body is over, as its sender meant it to be.
  mutating func ended() -> Step {
    offset == size ? .finished : broke("The server sent less than the whole file.")
  }

  /// The connection was lost, or never made.
  mutating func broke(_ reason: String) -> Step {
    failures.failed()
      ? .pause(failures: failures.count, floor: .zero) : .failed(.interrupted(reason))
  }

  mutating func refused(_ answer: TransferAnswer) -> Step {
    // RFC 9110, section 15.5.17: what is here is no beginning of what is there.
    if answer.status == 416, offset > 0, failures.failed() {
      offset = 0
      return .fetch(from: 0)
    }
    let refusal = answer.refusal
    guard refusal.isPassing, failures.failed() else { return .failed(.refused(refusal)) }
    return .pause(failures: failures.count, floor: refusal.patience)
  }
}

extension DownloadState.Head {
  /// Reads `bytes 5-9/10`; `nil` for anything else.
  static func range(parsing text: String) -> (first: Int64, total: Int64)? {
    guard text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let total = Int64(parts[1]), total > 0 else { return nil }
    let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2, let first = Int64(bounds[0]), let last = Int64(bounds[1]),
      0 <= first, first <= last, last == total - 1
    else { return nil }
    return (first, total)
  }
}
