public import MartletProtocol

/// The short stretches of folded texts by which blocks of messages are found, as hashes.
///
/// Every scalar and every pair is a gram. A pair of ideographs is most of a word; of letters, 128
/// messages have nearly all pairs and many triples, so that three and four in a row are grams as well.
public struct Grams: Sendable {
  /// The conversation, mixed into every hash: the same word has other hashes elsewhere, so that an
  /// index lookup meets the blocks of one conversation only.
  private let salt: UInt64

  public init(of conversation: ConversationID) {
    salt = Self.mixed(UInt64(bitPattern: conversation.rawValue) ^ 0x6d61_7274_6c65_7473)
  }

  /// Everything under which a block with these folded texts is to be found, in ascending order.
  public func indexed(_ texts: some Sequence<String>) -> [Int32] {
    var hashes: Set<Int32> = []
    for text in texts {
      let scalars = text.unicodeScalars.map(\.value)
      for index in scalars.indices {
        hashes.insert(hash(scalars[index]))
        if index + 1 < scalars.count { hashes.insert(hash(scalars[index], scalars[index + 1])) }
        let letters = Self.letters(of: scalars, from: index)
        if letters.count > 2 { hashes.insert(hash(letters: letters.prefix(3))) }
        if letters.count > 3 { hashes.insert(hash(letters: letters)) }
      }
    }
    return hashes.sorted()
  }

  /// How many grams are looked up at the most: more cost more than they narrow down.
  private static let mostWanted = 12

  /// Grams that a block must all have if a text in it holds the query.
  public func wanted(for query: SearchQuery) -> [Int32] {
    let scalars = query.folded.unicodeScalars.map(\.value)
    guard scalars.count > 1 else { return scalars.map { hash($0) } }
    var hashes: Set<Int32> = []
    for index in scalars.indices.dropLast() {
      let letters = Self.letters(of: scalars, from: index)
      let isInLetters = index > 0 && Self.isLetter(scalars[index - 1])
      if letters.count > 3 || (letters.count == 3 && !isInLetters) {
        hashes.insert(hash(letters: letters))
      } else if letters.count < 2 || scalars.count == 2 {
        hashes.insert(hash(scalars[index], scalars[index + 1]))
      }
    }
    let all = hashes.sorted()
    guard all.count > Self.mostWanted else { return all }
    return (0..<Self.mostWanted).map { all[$0 * all.count / Self.mostWanted] }
  }

  /// The letters at a place, up to four.
  private static func letters(of scalars: [UInt32], from index: Int) -> ArraySlice<UInt32> {
    scalars[index..<min(index + 4, scalars.count)].prefix(while: isLetter)
  }

  /// Whether a scalar comes before the scripts of East Asia, which begin with CJK Radicals at
  /// U+2E80, and the emoji behind them.
  private static func isLetter(_ scalar: UInt32) -> Bool { scalar < 0x2E80 }

  /// A scalar needs 21 bits; 0 stands for none, as no text has NUL.
  private func hash(_ first: UInt32, _ second: UInt32 = 0) -> Int32 {
    hash(packed: UInt64(first) | UInt64(second) << 21)
  }

  /// A letter needs 14 bits; the highest bit tells them from a pair.
  private func hash(letters: ArraySlice<UInt32>) -> Int32 {
    hash(packed: letters.reduce(0) { $0 << 14 | UInt64($1) } | 1 << 63)
  }

  private func hash(packed: UInt64) -> Int32 {
    Int32(truncatingIfNeeded: Self.mixed(packed ^ salt) >> 32)
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
