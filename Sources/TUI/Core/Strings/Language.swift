/// A language of the interface.
public enum Language: String, Hashable, Sendable, CaseIterable {
  case english
  /// Simplified Chinese.
  case chinese
}
