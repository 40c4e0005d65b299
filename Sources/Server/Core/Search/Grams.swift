public import MartletProtocol

/// The short stretches of folded texts by which blocks of messages are found, as hashes.
///
/// Every scalar and every pair is a gram. A triple is one if it is of alphabets: 128 messages hold
/// nearly every pair of letters that a language has, so that pairs narrow nothing down there, while
/// a pair of ideographs is most of a word.
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
      var (first, second): (UInt32, UInt32) = (0, 0)
      for (index, scalar) in text.unicodeScalars.enumerated() {
        let third = scalar.value
        hashes.insert(hash(third))
        if index > 0 { hashes.insert(hash(second, third)) }
        if index > 1, Self.isTriple(first, second, third) {
          hashes.insert(hash(first, second, third))
        }
        (first, second) = (second, third)
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
      let (first, second) = (scalars[index], scalars[index + 1])
      if index + 2 < scalars.count, Self.isTriple(first, second, scalars[index + 2]) {
        hashes.insert(hash(first, second, scalars[index + 2]))
      } else if scalars.count == 2 || !Self.isAlphabetic(first) || !Self.isAlphabetic(second) {
        hashes.insert(hash(first, second))
      }
    }
    let all = hashes.sorted()
    guard all.count > Self.mostWanted else { return all }
    return (0..<Self.mostWanted).map { all[$0 * all.count / Self.mostWanted] }
  }

  private static func isTriple(_ first: UInt32, _ second: UInt32, _ third: UInt32) -> Bool {
    isAlphabetic(first) && isAlphabetic(second) && isAlphabetic(third)
  }

  /// Whether a scalar comes before the scripts of East Asia, which begin with CJK Radicals at
  /// U+2E80, and the emoji behind them.
  private static func isAlphabetic(_ scalar: UInt32) -> Bool { scalar < 0x2E80 }

  /// A scalar needs 21 bits; 0 stands for none, as no text has NUL.
  private func hash(_ first: UInt32, _ second: UInt32 = 0, _ third: UInt32 = 0) -> Int32 {
    let packed = UInt64(first) | UInt64(second) << 21 | UInt64(third) << 42
    return Int32(truncatingIfNeeded: Self.mixed(packed ^ salt) >> 32)
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
