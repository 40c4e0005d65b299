/// What ties a reply to its request: whatever the client chose, an integer or a text.
public enum RequestID: Codable, Hashable, Sendable {
  case number(Int64)
  case text(String)

  /// The longest text accepted, in bytes: an id is echoed, so it may not be a way to make the
  /// server send much.
  public static let maximumBytes = 64

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int64.self) {
      // A failure only says that it is not a number; the text below throws for everything else.
      self = .number(number)
      return
    }
    let text = try container.decode(String.self)
    guard text.utf8.count <= Self.maximumBytes else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "an id has at most \(Self.maximumBytes) bytes")
    }
    self = .text(text)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }
}
