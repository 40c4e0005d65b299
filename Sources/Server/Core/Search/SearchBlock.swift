public import MartletProtocol

/// Consecutive places of a conversation that are indexed together: block 0 has the first
/// ``length``, and so on.
public struct SearchBlock: Hashable, Comparable, Sendable {
  /// How many messages a block has.
  public static let length: Int64 = 128

  public let number: Int64

  public init(number: Int64) {
    self.number = number
  }

  /// The block of a place.
  public init(of sequence: MessageSequence) {
    number = (max(1, sequence.rawValue) - 1) / Self.length
  }

  /// The places in the block.
  public var places: ClosedRange<Int64> {
    number * Self.length + 1...(number + 1) * Self.length
  }

  public static func < (left: SearchBlock, right: SearchBlock) -> Bool {
    left.number < right.number
  }

  /// Whether a place is the last of its block, so that its message makes the block whole.
  public static func ends(at sequence: MessageSequence) -> Bool {
    sequence.rawValue > 0 && sequence.rawValue % length == 0
  }
}
