/// Two people, registered and signed in at one server.
enum Pair {
  static func make() async throws -> (server: TestServer, alice: Terminal, lilei: Terminal) {
    let server = try await TestServer()
    let address = await server.address
    let state = server.directory + "/state"
    let alice = try await Terminal(
      "alice", server: address, stateDirectory: state, arguments: ["--profile", "alice"])
    let lilei = try await Terminal(
      "lilei", server: address, stateDirectory: state, arguments: ["--profile", "lilei"])
    try await alice.register("alice")
    try await lilei.register("李雷")
    try await alice.waitFor("● 李雷")
    return (server, alice, lilei)
  }
}
