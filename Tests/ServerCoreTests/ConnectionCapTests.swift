import ServerCore
import Testing

@Suite struct ConnectionCapTests {
  private let here = Origin.network([192, 0, 2, 1])
  private let there = Origin.network([192, 0, 2, 2])

  @Test func oneAddressHasNoMoreThanItsShare() {
    var cap = ConnectionCap(total: 100, perAddress: 2)
    #expect(cap.admit(here) == nil)
    #expect(cap.admit(here) == nil)
    #expect(cap.admit(here) == .tooManyFromAddress)
    #expect(cap.admit(there) == nil)
  }

  @Test func thisMachineMayHaveThemAllAndNoMore() {
    var cap = ConnectionCap(total: 5, perAddress: 2)
    for _ in 0..<5 { #expect(cap.admit(.local) == nil) }
    #expect(cap.admit(.local) == .tooMany)
    #expect(cap.admit(here) == .tooMany)
  }

  @Test func whoLeavesMakesRoomAndWhoWasRefusedTookNone() {
    var cap = ConnectionCap(total: 2, perAddress: 1)
    _ = cap.admit(here)
    for _ in 0..<10 { _ = cap.admit(here) }
    #expect(cap.admit(there) == nil)
    cap.closed(here)
    #expect(cap.admit(there) == .tooManyFromAddress)
    #expect(cap.admit(here) == nil)
  }
}
