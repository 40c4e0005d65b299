import LoadCore
import Testing

@Suite struct LedgerTests {
  @Test func latenciesCountFromWhenAMessageWasDue() throws {
    var ledger = Ledger(pairs: 1, measured: 0..<1_000_000_000, acknowledges: true)
    let number = ledger.send(pair: 0, due: 1_000_000)
    #expect(ledger.isOpen)
    let isThroughAtFirst = ledger.acknowledge(pair: 0, number: number, at: 3_000_000)
    let isThrough = ledger.deliver(pair: 0, number: number, at: 6_000_000)
    #expect((isThroughAtFirst, isThrough) == (false, true))
    #expect(!ledger.isOpen)
    #expect(try #require(ledger.acknowledgement).p50 == 2)
    #expect(abs(try #require(ledger.delivery).p50 - 5) < 0.01)
  }

  @Test func aMessageThatComesTwiceOrTooLateIsTold() {
    var ledger = Ledger(pairs: 2, measured: 0..<10, acknowledges: false)
    for pair in [0, 1, 1] { _ = ledger.send(pair: pair, due: 0) }
    let areThrough = [(1, 5), (0, 6), (0, 7)].map { number, time in
      ledger.deliver(pair: 1, number: number, at: time)
    }
    #expect(areThrough == [true, true, false])
    #expect((ledger.delivered, ledger.doubled, ledger.disordered) == (2, 1, 1))
    #expect(ledger.isOpen)
  }

  @Test func whatArrivesOutsideTheMeasuredTimeIsNotMeasured() {
    var ledger = Ledger(pairs: 1, measured: 10..<20, acknowledges: false)
    for time: Int64 in [5, 15, 20] {
      let number = ledger.send(pair: 0, due: 0)
      _ = ledger.deliver(pair: 0, number: number, at: time)
    }
    #expect((ledger.delivered, ledger.deliveredInTime) == (3, 1))
  }

  @Test func whatNobodySentIsNotCounted() {
    var ledger = Ledger(pairs: 1, measured: 0..<10, acknowledges: true)
    let areThrough = [
      ledger.deliver(pair: 7, number: 0, at: 1), ledger.acknowledge(pair: 0, number: 0, at: 1),
    ]
    #expect(areThrough == [false, false])
    #expect(ledger.delivered == 0)
    #expect(ledger.delivery == nil)
  }
}

@Suite struct PacingTests {
  @Test func aSteadyRateDoesNotDrift() {
    #expect(Pacing.due(0, perSecond: 3, from: 7) == 7)
    #expect(Pacing.due(3_000_000, perSecond: 3, from: 7) == 1_000_000_000_000_007)
    #expect(Pacing.due(5, perSecond: 4000, from: 7) == 1_000_007)
  }
}

@Suite struct TextsTests {
  @Test func aBodyTellsWhichMessageItIs() throws {
    let texts = Texts(seed: 1)
    let body = texts.body(pair: 12, number: 345)
    let place = try #require(Texts.place(of: body.utf8))
    #expect(place == (12, 345))
    #expect((80...130).contains(body.utf8.count))
    #expect(Texts(seed: 1).body(pair: 12, number: 345) == body)
  }

  @Test(arguments: ["", " ", "1", "1 2", "x 1 2 ", "1  2 ", "1234567890123 1 x"])
  func otherTextsAreNone(_ text: String) {
    #expect(Texts.place(of: text.utf8) == nil)
  }
}
