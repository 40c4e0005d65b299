import Testing

@testable import ServerCore

@Suite struct SearchSignatureTests {
  private func mayHold(_ signature: SearchSignature, _ word: String) throws -> [Int] {
    let grams = Gram.wanted(for: try #require(SearchQuery(folded: word)))
    return SearchSignature.candidates(
      for: grams, ofBlocks: signature.blocks, in: signature.regions(of: grams))
  }

  @Test func everySubstringIsFoundByItsGrams() throws {
    for text in ["今天的会议改到下午三点了。", "room 302, 别走错 🙂", "a", "ab", "%_\\", "会a议bc开def", "abcd会efghi"] {
      let signature = SearchSignature(of: [text, "another"])
      let scalars = Array(text.unicodeScalars)
      for start in scalars.indices {
        for end in scalars.indices[start...] {
          let part = String(String.UnicodeScalarView(scalars[start...end]))
          #expect(try mayHold(signature, part) == [0], "\(part)")
        }
      }
    }
  }

  @Test func aWordThatIsNotThereIsNotFound() throws {
    let signature = SearchSignature(of: ["今天的会议", "the meeting"])
    for word in ["议会", "x", "tee", "天会", "meeing", "theme"] {
      #expect(try mayHold(signature, word).isEmpty, "\(word)")
    }
  }

  @Test(arguments: [8, 64, 512]) func ofManyBlocksThoseAreFoundThatHoldTheWord(_ size: Int) throws {
    let holding = [0, 7, size / 2, size - 1]
    var level = (0..<size).map { number in
      SearchSignature(of: holding.contains(number) ? ["word", "block \(number)"] : ["other"])
    }
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 8).map { start in
        SearchSignature(merging: Array(level[start..<start + 8]), ofBlocks: level[0].blocks)
      }
    }
    #expect(try mayHold(level[0], "word") == Set(holding).sorted())
    #expect(try mayHold(level[0], "other").count == size - Set(holding).count)
    #expect(try mayHold(level[0], "block \(size - 1)").contains(size - 1))
    let stored = try #require(SearchSignature(blocks: size, bytes: level[0].bytes))
    #expect(stored == level[0])
  }

  @Test func blocksOfWhichThereIsNothingHoldNothing() throws {
    let parts = [nil, SearchSignature(of: ["word"]), nil]
    let merged = SearchSignature(merging: parts, ofBlocks: 1)
    #expect(try mayHold(merged, "word") == [1])
  }

  @Test func whatWasNotStoredAsOneIsNone() {
    #expect(SearchSignature(blocks: 1, bytes: [1, 2, 3]) == nil)
    #expect(SearchSignature(blocks: 2, bytes: [UInt8](repeating: 0, count: 32_768)) == nil)
    #expect(SearchSignature.candidates(for: [], ofBlocks: 8, in: [1]).isEmpty)
  }

  @Test func aLongQueryAsksForFewGrams() throws {
    let query = try #require(
      SearchQuery(folded: String(decoding: (0x4E00..<0x4F00).map(UInt16.init), as: UTF16.self)))
    #expect(Gram.wanted(for: query).count == 8)
  }

  /// A block of so many grams as messages of 100 bytes have.
  @Test func ofWhatIsNotThereLittleIsTakenToBe() throws {
    let signature = SearchSignature(
      of: (0..<10_000).map { String(UnicodeScalar(0x4E00 + $0) ?? "?") })
    let others = (0x7600..<0x8A00).compactMap { UnicodeScalar($0).map { String($0) } }
    let found = try others.filter { try !mayHold(signature, $0).isEmpty }.count
    #expect(found < others.count / 100)
  }
}
