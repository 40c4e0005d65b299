import MartletProtocol
import ServerCore
import TestSupport
import Testing

/// How the failures of stores look from outside.
@Suite struct RefusalTests {
  private let test = TestChat()

  private func refusal(of error: StoreError) async -> RPCError? {
    test.store.change { $0.failure = error }
    return await #expect(throws: RPCError.self) {
      try await test.chat.login(
        Login(name: "alice", password: "a good password", device: ""), from: .local)
    }
  }

  @Test func aDatabaseThatIsAwayIsWorthAnotherTry() async {
    let error = await refusal(of: .unavailable)
    #expect(error?.code == .unavailable)
    #expect(error?.retryAfter != nil)
  }

  @Test func tooMuchWorkIsWorthAnotherTry() async {
    let error = await refusal(of: .overloaded)
    #expect(error?.code == .overloaded)
    #expect(error?.retryAfter != nil)
  }

  @Test func aCauseGoesToTheLogAndNotToTheClient() async {
    let error = await refusal(of: .failed(cause: "relation users does not exist"))
    #expect(error?.code == .internalError)
    #expect(error?.retryAfter == nil)
    #expect(error?.message.contains("relation") == false)
    #expect(test.log.text.contains("relation users does not exist"))
  }
}
