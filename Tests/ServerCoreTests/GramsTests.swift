import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct GramsTests {
  private let grams = Grams(of: ConversationID(5))

  @Test func everySubstringIsFoundByItsGrams() throws {
    for text in ["今天的会议改到下午三点了。", "room 302, 别走错 🙂", "a", "ab", "%_\\", "会a议bc开def", "abcd会efghi"] {
      let indexed = Set(grams.indexed([text, "another"]))
      let scalars = Array(text.unicodeScalars)
      for start in scalars.indices {
        for end in scalars.indices[start...] {
          let part = String(String.UnicodeScalarView(scalars[start...end]))
          let query = try #require(SearchQuery(folded: part))
          #expect(indexed.isSuperset(of: grams.wanted(for: query)), "\(part)")
        }
      }
    }
  }

  @Test func aWordThatIsNotThereHasGramsThatAreNot() throws {
    let indexed = Set(grams.indexed(["今天的会议", "the meeting"]))
    for word in ["议会", "x", "tee", "天会", "meeing", "theme"] {
      let query = try #require(SearchQuery(folded: word))
      #expect(!indexed.isSuperset(of: grams.wanted(for: query)), "\(word)")
    }
  }

  @Test func conversationsDoNotShareHashes() {
    let others = Grams(of: ConversationID(6)).indexed(["今天的会议", "the meeting"])
    #expect(Set(grams.indexed(["今天的会议", "the meeting"])).isDisjoint(with: others))
  }

  @Test func aLongQueryAsksForFewGrams() throws {
    let query = try #require(
      SearchQuery(folded: String(decoding: (0x4E00..<0x4F00).map(UInt16.init), as: UTF16.self)))
    #expect(grams.wanted(for: query).count == 12)
  }
}
