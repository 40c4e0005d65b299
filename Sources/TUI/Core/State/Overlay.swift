import MartletProtocol

/// Something drawn over the screen that takes the keys.
enum Overlay: Sendable {
  case quit
  case switcher(SwitcherState)
  case clearing(ClearingState)
  case password(PasswordState)
  case sessions(SessionsState)
  case everywhere(EverywhereState)
  case viewer(ViewerState)
  case sendFile(SendQuestion)
  case trust(TrustState)
}

extension Overlay {
  /// Whether what it shows or asks about came from the server.
  var isOfServer: Bool {
    switch self {
    case .switcher, .clearing, .sessions, .everywhere, .viewer: true
    case .quit, .password, .sendFile, .trust: false
    }
  }
}

/// The help page.
struct HelpState: Hashable, Sendable {
  /// What the keys did when help was asked for.
  var context: KeyContext
  /// Lines above the upper edge.
  var scroll = 0
}

/// The box that finds a contact by part of the name.
struct SwitcherState: Hashable, Sendable {
  var pattern = TextEditor(allowsNewlines: false)
  /// The best matches, best first.
  var matches: [UserID] = []
  var selected = 0

  static let maximumMatches = 10
}

/// A message to the user that stands on the key bar for a while.
struct Notice: Hashable, Sendable {
  var text: String
  var isProblem: Bool

  static let milliseconds: Int64 = 6000
}

/// Tab completion under way: the candidates, which one is in the input, and what it replaced.
struct Completion: Hashable, Sendable {
  var candidates: [String]
  var index: Int
}
