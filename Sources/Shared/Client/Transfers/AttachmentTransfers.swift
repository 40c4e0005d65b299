public import MartletProtocol
import NIOCore
import NIOHTTP1

/// Uploads and downloads of one ``Client``, made with the token of its session: see
/// ``Client/transfers``.
///
/// A transfer that breaks goes on where it was, with the client's own backoff, until it is done, is
/// refused, or has failed too often in a row. It holds at most 256 KiB of a file. Cancelling the task
/// ends it; what has arrived stays where it is, to be gone on with.
public struct AttachmentTransfers: Sendable {
  let channel: TransferChannel
  let backoff: BackoffPolicy
  let time: ClientTime
  let token: SessionToken

  /// Sends a file, to be named in a message afterwards.
  ///
  /// - Parameters:
  ///   - id: what `onBegin` was given when the same file was sent before; `nil` begins anew.
  ///   - onBegin: called with the upload's id when the server has made it, to be kept for a resume.
  ///   - onProgress: called after every piece; neither may block.
  /// - Throws: ``TransferError``.
  public func upload(
    _ source: UploadSource, resuming id: AttachmentID? = nil,
    onBegin: @escaping @Sendable (AttachmentID) -> Void = { _ in },
    onProgress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
  ) async throws(TransferError) -> Attachment {
    let file = try await TransferFile.reading(source)
    var state = UploadState(size: source.size, resuming: id)
    var step = state.begin()
    while true {
      if case .finished(let attachment) = step { return attachment }
      if case .failed(let error) = step { throw error }
      if case .pause(let failures, let floor) = step {
        try await pause(failures: failures, floor: floor)
        step = state.resume()
        continue
      }
      let known = state.id
      do {
        let answer = try await perform(step, of: source, file: file, onProgress: onProgress)
        step = state.answered(answer)
      } catch let error as TransferChannel.Broken {
        step = state.broke(error.reason)
      } catch let error as TransferError {
        throw error
      } catch {
        throw .cancelled
      }
      if let id = state.id, id != known { onBegin(id) }
    }
  }

  private func perform(
    _ step: UploadState.Step, of source: UploadSource, file: TransferFile,
    onProgress: @escaping @Sendable (TransferProgress) -> Void
  ) async throws -> TransferAnswer {
    var headers = try await authorization()
    switch step {
    case .create:
      headers.add(name: "Upload-Length", value: String(source.size))
      headers.add(name: "Content-Length", value: "0")
      let name = percentEncoded(source.name)
      return try await channel.perform(.POST, "\(Self.path)?name=\(name)", headers)
    case .append(let id, let offset):
      headers.add(name: "Upload-Offset", value: String(offset))
      headers.add(name: "Content-Length", value: String(source.size - offset))
      return try await channel.perform(.PATCH, "\(Self.path)/\(id)", headers) { writer in
        var place = offset
        while place < source.size {
          let buffer = try await file.read(at: place, atMost: source.size - place)
          place += Int64(buffer.readableBytes)
          // Comes back when there is room for more.
          try await writer.write(.body(.byteBuffer(buffer)))
          onProgress(TransferProgress(bytes: place, total: source.size))
        }
      }
    case .ask(let id): return try await channel.perform(.HEAD, "\(Self.path)/\(id)", headers)
    case .pause, .finished, .failed: throw TransferError.notUnderstood
    }
  }

  /// Gives up an upload, or a file that is in no message.
  ///
  /// - Throws: ``TransferError``; the server removes it by itself within a day.
  public func discard(_ id: AttachmentID) async throws(TransferError) {
    do {
      let answer = try await channel.perform(
        .DELETE, "\(Self.path)/\(id)", try await authorization())
      guard answer.isSuccess || answer.status == 404 else {
        throw TransferError.refused(answer.refusal)
      }
    } catch let error as TransferError {
      throw error
    } catch let error as TransferChannel.Broken {
      throw .interrupted(error.reason)
    } catch {
      throw .cancelled
    }
  }

  /// Fetches a file. While it arrives it is at `partialPath`, and goes on from what is there already;
  /// once it is whole and durable it has the name `path`.
  ///
  /// - Parameters:
  ///   - size: what the message says.
  ///   - onProgress: called when so many bytes can be read from the partial file, in particular once
  ///     before anything arrives; it must not block.
  /// - Throws: ``TransferError``.
  public func download(
    _ id: AttachmentID, size: Int64, to path: String,
    onProgress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
  ) async throws(TransferError) {
    guard (0...DownloadState.maximumBytes).contains(size) else {
      throw .refused(RPCError(.attachmentTooLarge, "The file is too large."))
    }
    let partial = Self.partialPath(of: path)
    let (file, present) = try await TransferFile.writing(partial)
    var state = DownloadState(size: size, offset: present)
    if state.offset != present { try await file.truncate(to: state.offset) }
    onProgress(TransferProgress(bytes: state.offset, total: size))
    var step = state.begin()
    while true {
      switch step {
      case .finished:
        return try await file.finish(partial, as: path)
      case .failed(let error): throw error
      case .pause(let failures, let floor):
        try await pause(failures: failures, floor: floor)
        step = state.resume()
      case .fetch(let offset):
        do {
          (state, step) = try await fetch(
            id, from: offset, into: file, state, onProgress: onProgress)
        } catch let error as TransferError {
          throw error
        } catch {
          throw .cancelled
        }
      }
    }
  }

  /// Where a file is while it arrives.
  public static func partialPath(of path: String) -> String { "\(path).part" }

  private func fetch(
    _ id: AttachmentID, from offset: Int64, into file: TransferFile, _ before: DownloadState,
    onProgress: @escaping @Sendable (TransferProgress) -> Void
  ) async throws -> (DownloadState, DownloadState.Step) {
    var headers = try await authorization()
    if offset > 0 { headers.add(name: "Range", value: "bytes=\(offset)-") }
    // Outside of the closure, so that a connection which breaks loses nothing of what had come.
    var state = before
    do {
      let step = try await channel.perform(.GET, "\(Self.path)/\(id)", headers) {
        head, body -> DownloadState.Step in
        let range = head.headers.first(name: "Content-Range").flatMap(DownloadState.Head.range)
        let answer = DownloadState.Head(status: Int(head.status.code), range: range)
        guard let start = try state.accept(answer) else {
          return state.refused(try await TransferChannel.collect(head, &body))
        }
        try await file.truncate(to: start)
        while let part = try await body.next() {
          switch part {
          case .head: continue
          case .body(let buffer):
            let place = state.offset
            try state.received(buffer.readableBytes)
            try await file.write(buffer, at: place)
            onProgress(TransferProgress(bytes: state.offset, total: state.size))
          case .end: return state.ended()
          }
        }
        throw TransferChannel.Broken(reason: "The connection was lost.")
      }
      return (state, step)
    } catch let error as TransferChannel.Broken {
      let step = state.broke(error.reason)
      return (state, step)
    }
  }

  // MARK: Parts

  private static let path = "/v1/attachments"

  private func authorization() async throws(TransferError) -> HTTPHeaders {
    ["Authorization": "Bearer \(try await token.value())"]
  }

  private func pause(failures: Int, floor: Duration) async throws(TransferError) {
    let wait = backoff.delay(afterFailures: failures, floor: floor, fraction: time.fraction())
    do {
      try await time.sleep(wait)
    } catch {
      throw .cancelled
    }
  }
}

/// A text as it may stand in a query: everything but the unreserved characters of RFC 3986, section
/// 2.3, as `%` and two digits per byte.
func percentEncoded(_ text: String) -> String {
  var encoded = ""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      encoded.unicodeScalars.append(Unicode.Scalar(byte))
    case _:
      let digits = String(byte, radix: 16, uppercase: true)
      encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
    }
  }
  return encoded
}
