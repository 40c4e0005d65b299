import MartletProtocol
import Testing

@testable import ServerCore

/// Where a query stands in a text whose folding may change its length.
@Suite struct MatchMapTests {
  private func ranges(
    of query: String, in text: String, folded: String, _ folds: [Character: String] = [:]
  ) throws -> [[Int]] {
    let query = try #require(SearchQuery(folded: query))
    let map = MatchMap(text: text, folded: folded)
    let found = map.literalRanges(of: query) ?? map.ranges(of: query) { folds[$0] }
    return found.map { [$0.start, $0.length] }
  }

  @Test func plainTextsMapLetterByLetter() throws {
    #expect(
      try ranges(of: "ab", in: "xAB abAb", folded: "xab abab") == [[1, 2], [4, 2], [6, 2]])
    #expect(try ranges(of: "会议", in: "今天会议", folded: "今天会议") == [[2, 2]])
    #expect(try ranges(of: "aa", in: "aaaaa", folded: "aaaaa") == [[0, 2], [2, 2]])
  }

  @Test func aLigatureIsMarkedWholeAndOnce() throws {
    #expect(try ranges(of: "f", in: "oﬀice", folded: "office", ["ﬀ": "ff"]) == [[1, 1]])
    #expect(try ranges(of: "fi", in: "oﬀice", folded: "office", ["ﬀ": "ff"]) == [[1, 2]])
    #expect(try ranges(of: "ce", in: "oﬀice", folded: "office", ["ﬀ": "ff"]) == [[3, 2]])
  }

  @Test func clustersThatComposeAreMarkedWhole() throws {
    // A decomposed e with acute, and Hangul of three Jamo.
    #expect(try ranges(of: "é", in: "xe\u{301}y", folded: "xéy", ["e\u{301}": "é"]) == [[1, 2]])
    let jamo = "\u{1112}\u{1161}\u{11AB}"
    #expect(
      try ranges(of: "한", in: "a\(jamo)b", folded: "a한b", [Character(jamo): "한"]) == [[1, 3]])
  }

  @Test func whatFoldsTogetherAcrossClustersCountsAsOne() throws {
    // Compatibility Jamo compose once they are normalised, and are two clusters.
    #expect(
      try ranges(of: "가", in: "xㄱㅏy", folded: "x가y", ["ㄱ": "\u{1100}", "ㅏ": "\u{1161}"])
        == [[1, 2]])
    #expect(
      try ranges(of: "y", in: "xㄱㅏy", folded: "x가y", ["ㄱ": "\u{1100}", "ㅏ": "\u{1161}"])
        == [[3, 1]])
  }

  @Test func aRangeIsNeverEmpty() throws {
    #expect(try ranges(of: "b", in: "ac", folded: "abc") == [[0, 1]])
    #expect(try ranges(of: "b", in: "c", folded: "bc") == [[0, 1]])
    #expect(try ranges(of: "b", in: "a", folded: "ab") == [[0, 1]])
  }
}
