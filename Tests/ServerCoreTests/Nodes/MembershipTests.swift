import MartletProtocol
import ServerCore
import Testing

/// Who is there, as one node sees it.
@Suite struct MembershipTests {
  private var membership = Membership()
  private let first = NodeID(1)
  private let second = NodeID(2)

  @Test func aloneIsComplete() {
    #expect(membership.isComplete && !membership.hasPeers)
  }

  @Test mutating func nobodyMayComeBeforeTheOthersHaveTold() {
    #expect(membership.see([first, second]) == .init(hasNewcomers: true, lost: []))
    membership.hear([.present(sessions: [])], from: first)
    #expect(!membership.isComplete)
    membership.hear([.present(sessions: [])], from: second)
    #expect(membership.isComplete && membership.hasPeers)
    #expect(membership.see([first, second]) == .init(hasNewcomers: false, lost: []))
  }

  @Test mutating func aNewcomerIsToBeTold() {
    _ = membership.see([first])
    #expect(membership.see([first, second]).hasNewcomers)
  }

  @Test mutating func whoeverGoesWithoutAWordIsLost() {
    _ = membership.see([first, second])
    membership.hear([.present(sessions: [])], from: first)
    #expect(membership.see([second]).lost == [first])
    #expect(membership.see([second]).lost == [])
  }

  @Test mutating func ofTheDeadNobodyKnowsWhoIsConnected() {
    _ = membership.see([first])
    membership.hear([.present(sessions: [])], from: first)
    #expect(membership.knows(first))
    _ = membership.see([])
    membership.hear(
      [.joined(user: User(id: UserID(1), name: "a"), session: SessionID(1))], from: first)
    #expect(!membership.knows(first))
  }

  @Test mutating func whoeverSaysGoodbyeIsNot() {
    _ = membership.see([first])
    membership.hear([.present(sessions: []), .leaving], from: first)
    // The list may be older than that.
    #expect(membership.see([first]) == .init(hasNewcomers: false, lost: []))
    #expect(membership.see([]).lost == [])
    #expect(!membership.hasPeers)
  }

  @Test mutating func whoeverHasToldIsNotLostByAListThatIsOlder() {
    membership.hear([.present(sessions: [])], from: first)
    #expect(membership.see([]).lost == [])
    // By one that is newer it is.
    #expect(membership.see([]).lost == [first])
  }
}
