import FoundationEssentials
import MartletProtocol

/// What the server answered to one request of a transfer, its body whole: never one that carries a
/// file.
struct TransferAnswer: Hashable, Sendable {
  var status: Int
  /// `Upload-Offset`, where it was given and is a number.
  var uploadOffset: Int64?
  /// `Upload-Length`, likewise.
  var uploadLength: Int64?
  var body = Data()

  /// The largest body that is read.
  static let maximumBodyBytes = 64 * 1024

  var isSuccess: Bool { (200..<300).contains(status) }

  /// What the body says of an upload that goes on.
  struct Upload: Codable, Hashable {
    var id: AttachmentID
    var offset: Int64
  }

  /// The body as JSON; `nil` where it is something else.
  func decoded<Value: Decodable>(as type: Value.Type) -> Value? {
    // What cannot be read is an answer that is not understood, and the caller says so.
    try? JSONDecoder().decode(type, from: body)
  }

  /// The refusal in the body, or one made of the status for a server or proxy that gave none.
  var refusal: RPCError {
    if let error = decoded(as: RPCError.self) { return error }
    return switch status {
    case 401: RPCError(.invalidToken, "The session is over; sign in again.")
    case 404: RPCError(.unknownAttachment, "There is no such file.")
    case 409: RPCError(.uploadConflict, "The upload is somewhere else.")
    case 413: RPCError(.attachmentTooLarge, "The file is too large.")
    case 415: RPCError(.unsupportedFormat, "Files of this format are not taken.")
    case 422: RPCError(.damagedAttachment, "The file is damaged.")
    case 507: RPCError(.quotaExceeded, "There is no room left for this account's files.")
    case 429: RPCError(.overloaded, "The server has too much to do.", retryAfter: 1000)
    case 500..<600: RPCError(.unavailable, "The server cannot do it now.", retryAfter: 1000)
    case _: RPCError(.internalError, "The server answered with status \(status).")
    }
  }
}

extension RPCError {
  /// Whether the same request may succeed later.
  var isPassing: Bool {
    switch code {
    case .unavailable, .overloaded: true
    // Whether the session is over is said where it is kept; until then another server may have
    // answered in the place of the right one.
    case .invalidToken: true
    default: retryAfter != nil
    }
  }

  /// How long the server wants to be left alone, held to a minute.
  var patience: Duration { .milliseconds(min(max(0, retryAfter ?? 0), 60_000)) }
}
