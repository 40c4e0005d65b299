import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@Suite struct IdempotencyKeyTests {
  @Test func hasTheLayoutOfVersion7() {
    var generator = SeededGenerator(seed: 1)
    // The time of the example in RFC 9562, appendix A.6.
    let time = Timestamp(milliseconds: 0x017F_22E2_79B0)
    for _ in 0..<1000 {
      let key = IdempotencyKey(at: time, using: &generator)
      #expect(key.high >> 16 == 0x017F_22E2_79B0)
      #expect(key.high >> 12 & 0xF == 7)
      #expect(key.low >> 62 == 0b10)
    }
  }

  @Test func differsEachTimeWithinOneMillisecond() {
    let time = Timestamp(milliseconds: 1_700_000_000_000)
    let keys = (0..<1000).map { _ in IdempotencyKey(at: time) }
    #expect(Set(keys).count == keys.count)
  }

  @Test func sortsByTimeAsText() {
    var generator = SeededGenerator(seed: 2)
    let keys = stride(from: Int64(0), to: 1 << 47, by: 1 << 40).map {
      IdempotencyKey(at: Timestamp(milliseconds: $0), using: &generator).description
    }
    #expect(keys == keys.sorted())
  }

  @Test func aTimeBefore1970CountsAs1970() {
    #expect(IdempotencyKey(at: Timestamp(milliseconds: -1)).high >> 16 == 0)
  }

  @Test func readsWhatItPrints() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<1000 {
      let key = IdempotencyKey(high: generator.next(), low: generator.next())
      #expect(IdempotencyKey(key.description) == key)
      #expect(IdempotencyKey(key.description.uppercased()) == key)
    }
  }

  @Test func printsTheExampleOfTheStandard() {
    let key = IdempotencyKey(high: 0x017F_22E2_79B0_7CC3, low: 0x98C4_DC0C_0C07_398F)
    #expect(key.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
  }

  @Test(arguments: [
    "",
    "017f22e2",
    "017f22e279b07cc398c4dc0c0c07398f",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
    "017f22e2_79b0-7cc3-98c4-dc0c0c07398f",
    "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
    "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
    "017f22e2-79b0-7cc3-98c4-dc0c0c0739é",
    "０17f22e2-79b0-7cc3-98c4-dc0c0c07",
  ])
  func refusesWhatIsNoUUID(_ text: String) throws {
    #expect(IdempotencyKey(text) == nil)
    let frame = try JSONEncoder().encode(text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(IdempotencyKey.self, from: frame)
    }
  }
}
