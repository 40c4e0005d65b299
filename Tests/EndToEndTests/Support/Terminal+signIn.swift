extension Terminal {
  /// What everybody's password is here.
  static let password = "correct horse battery"

  /// Makes an account on the sign-in screen and waits for the contacts.
  func register(_ name: String, _ words: Words = .english) async throws {
    try await askForAccount(name, words)
    try await waitFor(words("Contacts", "联系人"), words("● connected", "● 已连接"))
  }

  /// Fills in the form for an account, and does not wait for an answer.
  func askForAccount(_ name: String, _ words: Words = .english) async throws {
    try await waitFor(words("Sign in", "登录"))
    try await press("F2")
    try await waitFor(words("New account", "注册新账号"))
    try await type(name)
    try await press("Tab")
    try await type(Self.password)
    try await press("Tab")
    try await type(Self.password)
    try await press("Enter")
  }

  /// Signs in on the sign-in screen and waits for the contacts.
  func signIn(
    _ name: String, password: String = Terminal.password, _ words: Words = .english
  ) async throws {
    try await waitFor(words("Sign in", "登录"))
    try await type(name)
    try await press("Tab")
    try await type(password)
    try await press("Enter")
    try await waitFor(words("Contacts", "联系人"), words("● connected", "● 已连接"))
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
