/// Two people, registered and signed in at one server.
enum Pair {
  static func make(
    _ words: Words = .english, environment: [String: String] = [:]
  ) async throws -> (server: TestServer, alice: Terminal, lilei: Terminal) {
    let server = try await TestServer()
    let alice = try await server.terminal("alice", words, environment: environment)
    let lilei = try await server.terminal("lilei", words, environment: environment)
    try await alice.register("alice", words)
    try await lilei.register("李雷", words)
    try await alice.waitFor("● 李雷")
    return (server, alice, lilei)
  }
}

extension TestServer {
  /// A terminal with a client of this server, in a profile of its own.
  ///
  /// - Parameter address: the server's own by default.
  func terminal(
    _ name: String, _ words: Words = .english, address: String? = nil,
    environment: [String: String] = [:]
  ) async throws -> Terminal {
    try await Terminal(
      name, server: address ?? self.address, stateDirectory: directory + "/state",
      arguments: ["--profile", name] + words.arguments, environment: environment)
  }
}
