import MartletProtocol

/// A text to look for, as the database folds it.
public struct SearchQuery: Hashable, Sendable {
  /// The text, normalised and case-folded; never empty.
  public let folded: String

  /// - Returns: `nil` when nothing is left of the text once folded.
  public init?(folded: String) {
    guard !folded.isEmpty else { return nil }
    self.folded = folded
  }

  /// Refuses what need not be folded to be refused.
  ///
  /// - Throws: ``RPCError`` with `invalid_query`.
  static func check(_ text: String, limits: Limits) throws(RPCError) {
    guard !text.isEmpty else { throw nothingToSearchFor }
    guard text.utf8.count <= limits.queryBytes else {
      throw RPCError(
        .invalidQuery, "That is too long to search for; at most \(limits.queryBytes) bytes.")
    }
    // No text has it, and the database takes none.
    guard !text.utf8.contains(0) else {
      throw RPCError(.invalidQuery, "A text to search for cannot have the character NUL in it.")
    }
  }

  static let nothingToSearchFor = RPCError(.invalidQuery, "There is nothing to search for.")
}
