import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct ConversationDirectoryTests {
  private let store = InMemoryStore()

  private func directory(capacity: Int = 10) -> ConversationDirectory {
    for number in 1...20 {
      store.change {
        $0.members[ConversationID(Int64(number))] = [UserID(1), UserID(Int64(number + 1))]
        $0.direct[[UserID(1), UserID(Int64(number + 1))]] = ConversationID(Int64(number))
      }
    }
    return ConversationDirectory(store: store, capacity: capacity)
  }

  @Test func asksOncePerConversation() async throws {
    let directory = directory()
    for _ in 1...3 {
      #expect(try await directory.members(of: ConversationID(1)) == [UserID(1), UserID(2)])
    }
    #expect(store.read(\.questions) == ["members"])
  }

  @Test func remembersADirectConversationWhicheverWayRound() async throws {
    let directory = directory()
    #expect(try await directory.direct(of: UserID(2), and: UserID(1)) == ConversationID(1))
    #expect(try await directory.direct(of: UserID(1), and: UserID(2)) == ConversationID(1))
    #expect(try await directory.members(of: ConversationID(1)) == [UserID(1), UserID(2)])
    #expect(store.read(\.questions) == ["directConversation"])
  }

  @Test func doesNotRememberThatThereIsNone() async throws {
    let directory = directory()
    #expect(try await directory.members(of: ConversationID(99)) == nil)
    #expect(try await directory.direct(of: UserID(98), and: UserID(99)) == nil)
    store.change { $0.members[ConversationID(99)] = [UserID(5)] }
    #expect(try await directory.members(of: ConversationID(99)) == [UserID(5)])
  }

  @Test func aFailureIsNotRemembered() async throws {
    let directory = directory()
    store.change { $0.failure = .unavailable }
    await #expect(throws: StoreError.self) { try await directory.members(of: ConversationID(1)) }
    store.change { $0.failure = nil }
    #expect(try await directory.members(of: ConversationID(1)) != nil)
  }

  @Test func forgetsEverythingAtCapacityAndAsksAgain() async throws {
    let directory = directory(capacity: 2)
    for number in 1...3 { _ = try await directory.members(of: ConversationID(Int64(number))) }
    #expect(directory.rememberedMembers(of: ConversationID(1)) == nil)
    #expect(directory.rememberedMembers(of: ConversationID(3)) != nil)
    #expect(try await directory.members(of: ConversationID(1)) == [UserID(1), UserID(2)])
  }

  @Test func directConversationsAreForgottenWithTheirMembers() async throws {
    let directory = directory(capacity: 2)
    for number in 2...4 {
      _ = try await directory.direct(of: UserID(1), and: UserID(Int64(number)))
    }
    #expect(directory.rememberedDirect(of: UserID(1), and: UserID(2)) == nil)
    #expect(directory.rememberedDirect(of: UserID(1), and: UserID(4)) == ConversationID(3))
  }
}
