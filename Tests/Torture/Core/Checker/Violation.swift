/// One promise that was broken.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
  /// Which promise.
  public enum Kind: String, CaseIterable, Sendable {
    // Safety: what must never be.
    /// A message was acknowledged, and the database does not have it.
    case lost
    /// A message is elsewhere than it was said to be.
    case moved
    /// A message is stored twice.
    case doubled
    /// A message is in the database, and its sender was told that it failed.
    case falselyFailed
    /// The database has a message that nobody wrote.
    case invented
    /// A message does not say, or is not where, its sender meant it to be.
    case altered
    /// A place of a conversation is empty that is not cleared.
    case hole
    /// A message is in the database although it was cleared.
    case uncleared
    /// A history was cleared that nobody cleared, or further than it was.
    case clearedTooFar
    /// A client received what is not in the database and was not.
    case phantom
    /// Two sides have different messages at one place.
    case disagreement
    /// A client's application was given a message twice.
    case deliveredTwice
    /// A client's application was given a message before an earlier one, or not the one between.
    case deliveredOutOfOrder
    /// A message has a place before one that its sender had seen when writing it.
    case orderReversed
    /// A client received a message of a conversation that it is not in.
    case disclosed
    /// A client was turned away for good.
    case turnedAway

    // Liveness: what must come about once everything is healed.
    /// A message that was written is neither acknowledged nor visibly failed.
    case unsent
    /// A client has not caught up with the database.
    case behind

    /// Whether it is a promise about what comes about, not about what never does.
    public var isLiveness: Bool { self == .unsent || self == .behind }
  }

  public let kind: Kind
  /// What is wrong where, with the lines of the journals that show it.
  public let detail: String

  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  public var description: String { "\(kind.rawValue): \(detail)" }
}
