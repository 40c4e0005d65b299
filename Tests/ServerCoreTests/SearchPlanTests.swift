import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct SearchPlanTests {
  private func scope(last: Int64, cleared: Int64 = 0, indexed: Int64) -> SearchScope {
    SearchScope(
      last: MessageSequence(last), cleared: MessageSequence(cleared),
      indexed: SearchBlock(number: indexed))
  }

  private func blocks(_ numbers: Int64...) -> [SearchBlock] {
    numbers.map(SearchBlock.init(number:))
  }

  @Test func theTailComesFirstAndThenBlocks() {
    let plan = SearchPlan(scope(last: 300, indexed: 2), before: nil, budget: 300)
    #expect(plan.tail == 257..<301)
    #expect(plan.blocksBefore == SearchBlock(number: 2))
    #expect(plan.blocks == 2)
    #expect(plan.stretches(blocks(1, 0)) == [257..<301, 129..<257, 1..<129])
    #expect(plan.rest(after: blocks(1)) == nil)
  }

  @Test func aTailBeyondTheBudgetIsLookedAtInParts() {
    let plan = SearchPlan(scope(last: 1000, indexed: 0), before: nil, budget: 300)
    #expect(plan.stretches([]) == [701..<1001])
    #expect(plan.rest(after: []) == MessageSequence(701))
    let last = SearchPlan(
      scope(last: 1000, indexed: 0), before: MessageSequence(101), budget: 300)
    #expect(last.stretches([]) == [1..<101])
    #expect(last.rest(after: []) == nil)
  }

  @Test func aPageBeginsWithinABlock() {
    let plan = SearchPlan(
      scope(last: 1000, indexed: 7), before: MessageSequence(200), budget: 128)
    #expect(plan.tail.isEmpty)
    #expect(plan.blocksBefore == SearchBlock(number: 2))
    #expect(plan.stretches(blocks(1)) == [129..<200])
    #expect(plan.rest(after: blocks(1)) == MessageSequence(129))
    let next = SearchPlan(
      scope(last: 1000, indexed: 7), before: MessageSequence(129), budget: 128)
    #expect(next.blocksBefore == SearchBlock(number: 1))
  }

  @Test func nothingClearedIsLookedAt() {
    let plan = SearchPlan(scope(last: 300, cleared: 200, indexed: 2), before: nil, budget: 1000)
    #expect(plan.stretches(blocks(1)) == [257..<301, 201..<257])
    #expect(plan.rest(after: blocks(1)) == nil)
    let all = SearchPlan(scope(last: 300, cleared: 300, indexed: 2), before: nil, budget: 1000)
    #expect(all.blocks == 0)
    #expect(all.stretches([]).isEmpty)
  }

  @Test(arguments: [Int64.min, 0, 1]) func nothingIsBeforeTheFirst(_ place: Int64) {
    let plan = SearchPlan(
      scope(last: 300, indexed: 2), before: MessageSequence(max(0, place)), budget: 100)
    #expect(plan.blocks == 0)
    #expect(plan.stretches([]).isEmpty)
    #expect(plan.rest(after: []) == nil)
  }
}
