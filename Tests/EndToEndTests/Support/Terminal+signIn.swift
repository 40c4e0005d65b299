extension Terminal {
  /// What everybody's password is here.
  static let password = "correct horse battery"

  /// Makes an account on the sign-in screen and waits for the contacts.
  func register(_ name: String) async throws {
    try await waitFor("Sign in")
    try await press("F2")
    try await waitFor("New account")
    try await type(name)
    try await press("Tab")
    try await type(Self.password)
    try await press("Tab")
    try await type(Self.password)
    try await press("Enter")
    try await waitFor("Contacts", "● connected")
  }

  /// Opens the conversation with somebody.
  func open(_ name: String) async throws {
    try await waitUntil("\(name) among the contacts") { screen in
      screen.contains("● \(name)") || screen.contains("○ \(name)")
    }
    try await say("/msg \(name)")
    try await waitUntil("the conversation with \(name)") { screen in
      screen.split(separator: "\n").dropFirst().first?.contains(" \(name) ") ?? false
    }
  }
}
