import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@Suite struct IdentifierTests {
  @Test(arguments: [Int64.min, -1, 0, 1, 9_007_199_254_740_993, .max])
  func isAPlainIntegerOnTheWire(_ number: Int64) throws {
    #expect(try JSONEncoder().encode(UserID(number)).text == "\(number)")
    #expect(try JSONDecoder().decode(UserID.self, from: "\(number)".frame) == UserID(number))
    #expect(UserID(number).description == "\(number)")
  }

  @Test(arguments: ["null", "\"1\"", "1.5", "true", "[1]", "{}", "9223372036854775808", "1e99"])
  func isNothingElseOnTheWire(_ text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(ConversationID.self, from: text.frame)
    }
  }

  @Test func isOrderedByItsNumber() {
    #expect(SessionID(2) < SessionID(10))
    #expect([3, -1, 2].map(MessageSequence.init).sorted() == [-1, 2, 3].map(MessageSequence.init))
  }

  @Test func theNeighboursOfASequenceStayInRange() {
    #expect(MessageSequence.none.next == MessageSequence(1))
    #expect(MessageSequence(7).previous == MessageSequence(6))
    #expect(MessageSequence.none.previous == .none)
    #expect(MessageSequence(.min).previous == .none)
    #expect(MessageSequence(.max).next == MessageSequence(.max))
  }
}
