import ServerCore
import Testing

/// Numbers are given before a transaction is committed, so a smaller one may be seen after a larger one.
@Suite struct EventCursorTests {
  @Test func whatIsSeenInOrderLeavesNothingMissing() {
    var cursor = EventCursor(after: 7)
    cursor.take([8, 9, 10], oldest: 100, next: 100)
    #expect(cursor.newest == 10)
    #expect(cursor.missing == [])
  }

  @Test func aGapIsLookedForUntilItIsFilled() {
    var cursor = EventCursor(after: 7)
    cursor.take([10], oldest: 100, next: 105)
    #expect(cursor.missing == [8, 9])
    cursor.take([9], oldest: 100, next: 106)
    #expect(cursor.newest == 10)
    #expect(cursor.missing == [8])
    cursor.take([8], oldest: 100, next: 106)
    #expect(cursor.missing == [])
  }

  @Test func aGapIsGivenUpOnceEveryTransactionThatCouldFillItIsOver() {
    var cursor = EventCursor(after: 7)
    cursor.take([9], oldest: 100, next: 105)
    cursor.take([], oldest: 104, next: 110)
    #expect(cursor.missing == [8])
    cursor.take([], oldest: 105, next: 110)
    #expect(cursor.missing == [])
  }

  @Test func aGapThatIsFoundWhenNothingElseRunsIsNone() {
    var cursor = EventCursor(after: 0)
    // As after a crash, which skips numbers.
    cursor.take([33], oldest: 105, next: 105)
    #expect(cursor.newest == 33)
    #expect(cursor.missing == [])
  }

  @Test func whatOthersFoundBetweenIsNoGap() {
    var cursor = EventCursor(after: 7)
    cursor.take([12, 8, 10], oldest: 1, next: 2)
    #expect(cursor.missing == [9, 11])
  }
}
