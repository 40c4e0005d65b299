import FoundationEssentials
import Testing

/// Who one is, on a machine with several clients.
@Suite struct ProfileTests {
  @Test func twoClientsOnOneMachineKeepTheirIdentities() async throws {
    let (server, alice, lilei) = try await Pair.make()
    try await alice.kill()
    try await lilei.kill()
    try await alice.launch()
    try await lilei.launch()
    try await alice.waitFor("alice@", "● 李雷")
    try await lilei.waitFor("李雷@", "● alice")
    try await server.stop()
  }

  @Test func clientsWithoutAProfileTakeDifferentOnes() async throws {
    let server = try await TestServer()
    let state = server.directory + "/state"
    let first = try await Terminal(
      "first", server: await server.address, stateDirectory: state)
    try await first.register("first")
    let second = try await Terminal(
      "second", server: await server.address, stateDirectory: state)
    try await second.register("second")
    try await first.waitFor("first@", "● second")
    try await second.waitFor("second@", "● first")
    try await server.stop()
  }

  @Test func theTokenIsReadableToItsOwnerOnly() async throws {
    let (server, _, _) = try await Pair.make()
    let directory = server.directory + "/state/martlet/profiles/alice"
    let modes = try await Machine.run("find", [directory, "-type", "f", "-printf", "%m %f\n"])
    #expect(modes.contains("600 "))
    #expect(modes.split(separator: "\n").allSatisfy { $0.hasPrefix("600 ") })
    try await server.stop()
  }
}
