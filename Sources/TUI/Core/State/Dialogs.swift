import MartletProtocol

/// The question whether a conversation is to be cleared, and what has been typed as the answer.
struct ClearingState: Hashable, Sendable {
  let conversation: ConversationID
  /// The other member, as the dialog calls them.
  let name: String
  var answer = TextEditor(allowsNewlines: false)
  /// Whether the server has been asked.
  var isUnderWay = false
  /// Why it has not been done, for the line under the field.
  var problem: String?
}

/// The form that changes the password.
struct PasswordState: Hashable, Sendable {
  private var editors = Array(repeating: TextEditor(allowsNewlines: false), count: 3)
  var field = Field.current
  /// Whether the server has been asked.
  var isUnderWay = false
  var problem: String?

  /// The fields from top to bottom.
  enum Field: Int, Hashable, Sendable, CaseIterable { case current, new, repeated }

  subscript(field: Field) -> TextEditor {
    get { editors[field.rawValue] }
    set { editors[field.rawValue] = newValue }
  }

  /// Forgets what was typed: a password is kept no longer than it takes to use it.
  mutating func forget() {
    editors = PasswordState().editors
    field = .current
  }

  mutating func move(by step: Int) {
    let count = Field.allCases.count
    field = Field(rawValue: (field.rawValue + step + count) % count) ?? .current
  }
}

/// The list of devices.
struct SessionsState: Hashable, Sendable {
  /// `nil` until they are there.
  var sessions: [SessionSummary]?
  var selected = 0
  /// The one that is to be signed out, once that is confirmed.
  var revoking: SessionID?
  var problem: String?

  var selectedSession: SessionSummary? {
    guard let sessions, sessions.indices.contains(selected) else { return nil }
    return sessions[selected]
  }
}
