import Testing

/// What the interface says, in the language that a test runs in.
enum Words: String, CaseIterable, CustomTestStringConvertible, Sendable {
  case english = "en"
  case chinese = "zh"

  var testDescription: String { rawValue }

  func callAsFunction(_ english: String, _ chinese: String) -> String {
    switch self {
    case .english: english
    case .chinese: chinese
    }
  }

  /// What the client is started with.
  var arguments: [String] { ["--language", rawValue] }
}
