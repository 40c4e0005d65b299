import CoreMetrics
import FoundationEssentials
import Logging
import MartletMedia
import MartletProtocol
import NIOCore
import NIOFoundationEssentialsCompat
import NIOHTTP1
import ServerCore

/// Serves attachments over HTTP: section 12 of the protocol.
struct AttachmentRoutes: Sendable {
  /// How many bytes of a download are in memory.
  private static let chunk = 256 * 1024

  let chat: Chat
  let files: FileStore
  let transfers: Transfers
  let logger: Logger

  /// Answers one request.
  func serve(_ exchange: HTTPExchange) async {
    do {
      let signedIn = try await signedIn(exchange.head)
      switch try AttachmentRequest(exchange.head) {
      case .begin(let name, let size):
        let id = try await chat.beginUpload(named: name, size: size, as: signedIn)
        answer(exchange, .created, Progress(id: id, offset: 0))
      case .append(let id, let offset, let count):
        try await transferring(signedIn) {
          try await append(count, to: id, at: offset, as: signedIn, exchange)
        }
      case .ask(let id):
        let upload = try await chat.upload(id, as: signedIn)
        let offset = try await files.run { try $0.arrived(of: id) }
        exchange.answer(.ok, ["Upload-Offset": "\(offset)", "Upload-Length": "\(upload.size)"])
      case .giveUp(let id):
        try await chat.giveUpUpload(id, as: signedIn)
        exchange.answer(.noContent, [:])
      case .fetch(let id):
        try await transferring(signedIn) { try await fetch(id, as: signedIn, exchange) }
      }
    } catch let refusal as HTTPRefusal {
      refuse(exchange, refusal)
    } catch let error as RPCError {
      refuse(exchange, HTTPRefusal(error))
    } catch let error as FileError {
      refuse(exchange, refusal(for: error))
    } catch {
      // The connection broke, or the server stops.
      logger.debug("a transfer was broken off", metadata: ["cause": "\(error)"])
      exchange.abort()
    }
  }

  private func signedIn(_ head: HTTPRequestHead) async throws(RPCError) -> SignedIn {
    let values = head.headers["Authorization"]
    let scheme = "bearer "
    guard values.count == 1, values[0].lowercased().hasPrefix(scheme) else {
      throw RPCError(.invalidToken, "Send your token as 'Authorization: Bearer …'.")
    }
    return try await chat.signIn(withToken: String(values[0].dropFirst(scheme.count)))
  }

  private func transferring(_ signedIn: SignedIn, _ body: () async throws -> Void) async throws {
    guard transfers.enter(signedIn.user.id) else {
      throw RPCError(
        .overloaded, "Too many files are on their way; try again in a moment.", retryAfter: 1000)
    }
    defer { transfers.leave(signedIn.user.id) }
    try await body()
  }

  // MARK: Uploads

  private func append(
    _ count: Int64, to id: AttachmentID, at offset: Int64, as signedIn: SignedIn,
    _ exchange: HTTPExchange
  ) async throws {
    // Before the claim, so that nobody can claim what is not theirs; and again behind it, since what
    // is claimed is not removed.
    _ = try await chat.upload(id, as: signedIn)
    guard transfers.claim(id) else { throw try await continuedElsewhere(id) }
    defer { transfers.release(id) }
    let upload = try await chat.upload(id, as: signedIn)
    let arrived = try await files.run { try $0.arrived(of: id) }
    guard offset == arrived else {
      throw HTTPRefusal.conflict(
        "The upload has \(arrived) bytes so far; continue from there.", at: arrived)
    }
    let missing = upload.size - offset
    guard count <= missing else {
      throw RPCError(
        .invalidParameters,
        "Invalid parameters: of \(upload.size) bytes only \(missing) are missing.")
    }
    if count > 0 { try await receive(id, at: offset, exchange) }
    guard count == missing else {
      return answer(exchange, .ok, Progress(id: id, offset: offset + count))
    }
    if let attachment = upload.attachment { return answer(exchange, .ok, attachment) }
    let format = try Chat.format(ofFile: upload.name)
    do {
      let inspection = try await files.run { try $0.seal(id, as: format) }
      answer(exchange, .ok, try await chat.finish(upload, as: inspection))
    } catch let fault as MediaFault {
      try await chat.refuse(upload, for: fault, as: signedIn)
    }
  }

  /// Writes a body down as it comes. When it breaks off, what has come stays.
  private func receive(
    _ id: AttachmentID, at offset: Int64, _ exchange: HTTPExchange
  ) async throws {
    let file: OpenFile
    do {
      file = try await files.run { try $0.openPartial(id) }
    } catch FileError.busy {
      throw try await continuedElsewhere(id)
    }
    // Another server may have written meanwhile.
    let arrived = try await files.run { _ in try file.length() }
    guard arrived == offset else { throw try await continuedElsewhere(id) }
    exchange.sayContinue()
    var place = offset
    while let part = try await exchange.nextPart() {
      let at = place
      try await files.run { _ in try file.write(part, at: at) }
      place += Int64(part.readableBytes)
      Measures.receivedAttachmentBytes.increment(by: part.readableBytes)
    }
  }

  private func continuedElsewhere(_ id: AttachmentID) async throws -> HTTPRefusal {
    HTTPRefusal.conflict(
      "The upload is being continued elsewhere.",
      at: try await files.run { try $0.arrived(of: id) })
  }

  // MARK: Downloads

  private func fetch(
    _ id: AttachmentID, as signedIn: SignedIn, _ exchange: HTTPExchange
  ) async throws {
    let attachment = try await chat.attachment(id, as: signedIn)
    let (file, size) = try await files.run { files in
      let file = try files.openWhole(id)
      return (file, try file.length())
    }
    var headers: HTTPHeaders = [
      "Content-Type": attachment.mediaType.rawValue, "Content-Disposition": "attachment",
      "Accept-Ranges": "bytes",
    ]
    let asked = exchange.head.headers
    // There is nothing that `If-Range` could be compared with.
    let range = asked["If-Range"].isEmpty ? asked.first(name: "Range") : nil
    let part: Range<Int64>
    switch ByteRange(header: range, size: size) {
    case .all:
      part = 0..<size
      headers.add(name: "Content-Length", value: "\(size)")
      exchange.begin(.ok, headers)
    case .part(let range):
      part = range
      headers.add(name: "Content-Length", value: "\(range.count)")
      headers.add(
        name: "Content-Range", value: "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)")
      exchange.begin(.partialContent, headers)
    case .unsatisfiable:
      throw HTTPRefusal(
        RPCError(.invalidParameters, "Invalid parameters: the file has \(size) bytes."),
        status: .rangeNotSatisfiable, headers: ["Content-Range": "bytes */\(size)"])
    }
    do {
      try await send(part, of: file, exchange)
      exchange.end()
    } catch {
      // The head has promised more, and there is no other way to say that it does not come.
      logger.debug("a download was broken off", metadata: ["cause": "\(error)"])
      exchange.abort()
    }
  }

  private func send(
    _ part: Range<Int64>, of file: OpenFile, _ exchange: HTTPExchange
  ) async throws {
    let chunks = sequence(first: part.lowerBound) { $0 + Int64(Self.chunk) }
      .lazy.prefix { $0 < part.upperBound }
      .map { place in (place, Int(min(Int64(Self.chunk), part.upperBound - place))) }
    var sent: EventLoopFuture<Void>?
    // The disk is read while the socket takes what was read before.
    for (place, count) in chunks {
      let chunk = try await files.run { _ in try file.read(at: place, count: count) }
      guard chunk.readableBytes == count else { throw FileError.failed(cause: "it was cut") }
      try await sent?.get()
      sent = exchange.send(chunk)
      Measures.sentAttachmentBytes.increment(by: count)
    }
    try await sent?.get()
  }

  // MARK: Answers

  /// How far an upload is.
  private struct Progress: Encodable {
    let id: AttachmentID
    let offset: Int64
  }

  private func refusal(for error: FileError) -> HTTPRefusal {
    switch error {
    case .full:
      logger.error("the disk is full: files are refused")
      return HTTPRefusal(
        RPCError(
          .unavailable,
          "The server's disk is full. What has arrived is kept; go on when there is room.",
          retryAfter: 60_000), status: .insufficientStorage)
    case .missing:
      logger.error("the file of an attachment is missing")
      return HTTPRefusal(Chat.unknownAttachment)
    case .busy, .failed:
      logger.error("a file could not be used", metadata: ["cause": "\(error)"])
      return HTTPRefusal(
        RPCError(.internalError, "Something went wrong in the server; its log says what."))
    }
  }

  private func refuse(_ exchange: HTTPExchange, _ refusal: HTTPRefusal) {
    answer(exchange, refusal.status, refusal.error, refusal.headers)
  }

  private func answer(
    _ exchange: HTTPExchange, _ status: HTTPResponseStatus, _ body: some Encodable,
    _ headers: HTTPHeaders = [:]
  ) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      var headers = headers
      headers.add(name: "Content-Type", value: "application/json")
      exchange.answer(status, headers, ByteBuffer(data: try encoder.encode(body)))
    } catch {
      logger.error("an answer cannot be written", metadata: ["cause": "\(error)"])
      exchange.abort()
    }
  }
}
