import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@Suite struct VersionRangeTests {
  @Test(
    arguments: [
      (1...1, 1...1, 1), (1...3, 2...5, 3), (2...5, 1...3, 3), (1...9, 4...4, 4), (1...2, 2...3, 2),
      (1...1, 2...2, nil), (5...9, 1...4, nil),
    ] as [(ClosedRange<Int>, ClosedRange<Int>, Int?)])
  func agreesOnTheNewestInCommon(
    _ ours: ClosedRange<Int>, _ theirs: ClosedRange<Int>, _ agreed: Int?
  ) {
    let ours = VersionRange(oldest: ours.lowerBound, newest: ours.upperBound)
    let theirs = VersionRange(oldest: theirs.lowerBound, newest: theirs.upperBound)
    #expect(ours.newestCommon(with: theirs) == agreed)
    #expect(theirs.newestCommon(with: ours) == agreed)
  }

  @Test func aRangeTheWrongWayRoundHoldsNothing() {
    let backwards = VersionRange(oldest: 3, newest: 1)
    #expect(backwards.newestCommon(with: .spoken) == nil)
    #expect(VersionRange.spoken.newestCommon(with: backwards) == nil)
  }

  @Test func isAPairOnTheWire() throws {
    let range = VersionRange(oldest: 1, newest: 3)
    #expect(try JSONEncoder().encode(range).text == "[1,3]")
    #expect(try JSONDecoder().decode(VersionRange.self, from: "[1,3]".frame) == range)
  }

  @Test(arguments: ["[]", "[1]", "[1,null]", "[1,\"2\"]", "[1.5,2]", "1", "{}", "null"])
  func isNothingElseOnTheWire(_ text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(VersionRange.self, from: text.frame)
    }
  }
}
