/// An integer identifier that the server assigns: one type per kind of thing, so that two kinds
/// cannot be confused.
public protocol IntegerIdentifier: RawRepresentable, Hashable, Comparable, Codable, Sendable,
  CustomStringConvertible
where RawValue == Int64 {
  /// Wraps a number that the server assigned.
  init(rawValue: Int64)
}

extension IntegerIdentifier {
  /// Wraps a number that the server assigned.
  public init(_ value: Int64) { self.init(rawValue: value) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  public init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.singleValueContainer().decode(Int64.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  public var description: String { String(rawValue) }
}

/// Names one registered account, for ever.
public struct UserID: IntegerIdentifier {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Names one signed-in device of an account, until it signs out.
public struct SessionID: IntegerIdentifier {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Names one conversation, whatever the number of its members.
public struct ConversationID: IntegerIdentifier {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A message's place in its conversation: 1 for the first, without gaps, assigned at commit.
public struct MessageSequence: IntegerIdentifier {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  /// The place before the first message: what a reader who has read nothing has read up to.
  public static let none = MessageSequence(0)

  /// The place after this one; the last representable place is followed by itself.
  public var next: MessageSequence {
    MessageSequence(rawValue == .max ? .max : rawValue + 1)
  }

  /// The place before this one, at the least ``none``.
  public var previous: MessageSequence { MessageSequence(max(1, rawValue) - 1) }
}

/// Names one file that somebody has sent to the server, for ever. The server makes it, at random.
public struct AttachmentID: UUIDIdentifier {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}
