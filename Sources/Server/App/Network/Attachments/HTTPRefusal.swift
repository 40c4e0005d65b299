import MartletProtocol
import NIOHTTP1

/// A refusal as HTTP says it: the error of section 15 of the protocol in the body, and a status.
struct HTTPRefusal: Error {
  let error: RPCError
  let status: HTTPResponseStatus
  var headers: HTTPHeaders

  init(_ error: RPCError, headers: HTTPHeaders = [:]) {
    self.init(error, status: Self.status(for: error.code), headers: headers)
    if error.code == .invalidToken { self.headers.add(name: "WWW-Authenticate", value: "Bearer") }
  }

  init(_ error: RPCError, status: HTTPResponseStatus, headers: HTTPHeaders = [:]) {
    self.error = error
    self.status = status
    self.headers = headers
  }

  /// - Parameter allowed: the methods that are.
  static func methodNotAllowed(_ allowed: String) -> HTTPRefusal {
    HTTPRefusal(
      RPCError(.invalidParameters, "Only \(allowed) is answered here."), status: .methodNotAllowed,
      headers: ["Allow": allowed])
  }

  /// The upload stands elsewhere, or somebody else is at it.
  static func conflict(_ words: String, at offset: Int64) -> HTTPRefusal {
    HTTPRefusal(RPCError(.uploadConflict, words), headers: ["Upload-Offset": "\(offset)"])
  }

  private static func status(for code: ErrorCode) -> HTTPResponseStatus {
    switch code {
    case .invalidParameters, .invalidFileName: .badRequest
    case .invalidToken: .unauthorized
    case .unknownAttachment: .notFound
    case .uploadConflict: .conflict
    case .attachmentTooLarge: .payloadTooLarge
    case .unsupportedFormat: .unsupportedMediaType
    case .damagedAttachment: .unprocessableEntity
    case .overloaded: .tooManyRequests
    case .unavailable: .serviceUnavailable
    case .quotaExceeded: .insufficientStorage
    // The set of codes is open.
    default: .internalServerError
    }
  }
}
