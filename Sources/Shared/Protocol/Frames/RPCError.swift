/// The refusal of a request: a code for programs, words for people, and when to try again.
public struct RPCError: Error, Codable, Hashable, Sendable {
  /// Why, for programs.
  public let code: ErrorCode
  /// Why and what to do, for people. It never holds anything internal to the server.
  public let message: String
  /// In how many milliseconds the same request may succeed; `nil` when repeating it is no use.
  public let retryAfter: Int?

  public init(_ code: ErrorCode, _ message: String, retryAfter: Int? = nil) {
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
  }

  private enum CodingKeys: String, CodingKey {
    case code, message, data
  }

  private struct Details: Codable {
    var retryAfter: Int?

    enum CodingKeys: String, CodingKey {
      case retryAfter = "retry_after"
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    code = try container.decode(ErrorCode.self, forKey: .code)
    message = try container.decode(String.self, forKey: .message)
    retryAfter = try container.decodeIfPresent(Details.self, forKey: .data)?.retryAfter
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(message, forKey: .message)
    if let retryAfter {
      try container.encode(Details(retryAfter: retryAfter), forKey: .data)
    }
  }
}
