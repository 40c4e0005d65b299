import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct GreetingTests {
  private let test = TestChat()

  private func greet(_ oldest: Int, _ newest: Int) async throws(RPCError) -> Hello.Reply {
    try await test.chat.greet(
      Hello(protocol: VersionRange(oldest: oldest, newest: newest), client: "test"))
  }

  @Test(arguments: [(1, 1), (0, 1), (1, 9), (-3, 400)])
  func takesTheNewestVersionBothSpeak(_ oldest: Int, _ newest: Int) async throws {
    #expect(try await greet(oldest, newest).protocol == 1)
  }

  @Test func saysWhatAClientMustKnow() async throws {
    let reply = try await greet(1, 1)
    #expect(reply.server == "martletd/test")
    #expect(reply.serverID == "the-database")
    #expect(reply.epoch == 3)
    #expect(reply.time == .sample)
    #expect(reply.limits == Limits())
  }

  @Test(arguments: [
    ((2, 9), "update the server"), ((0, 0), "update the client"), ((1, 0), "update the client"),
  ])
  func refusesOtherVersionsAndSaysWhoIsToBeUpdated(
    _ range: (Int, Int), advice: String
  ) async {
    let error = await #expect(throws: RPCError.self) { try await greet(range.0, range.1) }
    #expect(error?.code == .unsupportedVersion)
    #expect(error?.message.contains("versions 1 to 1") == true)
    #expect(error?.message.contains(advice) == true)
    #expect(error?.retryAfter == nil)
  }

  @Test func asksForTheIdentityOnce() async throws {
    for _ in 1...3 { _ = try await greet(1, 1) }
    #expect(test.store.read(\.questions) == ["identity"])
  }

  @Test func aDatabaseThatIsAwayIsAskedAgain() async throws {
    test.store.change { $0.failure = .unavailable }
    let error = await #expect(throws: RPCError.self) { try await greet(1, 1) }
    #expect(error?.code == .unavailable)
    test.store.change { $0.failure = nil }
    #expect(try await greet(1, 1).epoch == 3)
  }
}
