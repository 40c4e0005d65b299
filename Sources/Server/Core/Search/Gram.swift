/// A short stretch of folded text by which blocks of messages are found, as a hash.
public struct Gram: Hashable, Sendable {
  private let hash: UInt64

  fileprivate init(_ packed: UInt64) {
    hash = Self.mixed(packed)
  }

  /// The region of a signature that its bits are in.
  public var region: Int { Int(hash >> 54) }

  /// The slices of the region that stand for it. Two may be the same.
  var slices: (Int, Int, Int, Int) {
    let slice = { (shift: UInt64) in
      Int(truncatingIfNeeded: hash >> shift) & (SearchSignature.slicesOfRegion - 1)
    }
    return (slice(0), slice(7), slice(14), slice(21))
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension Gram {
  /// A scalar, or a pair. A scalar needs 21 bits; 0 stands for none, as no text has NUL.
  fileprivate init(_ first: UInt32, _ second: UInt32 = 0) {
    self.init(UInt64(first) | UInt64(second) << 21)
  }

  /// A letter needs 14 bits; the highest bit tells them from a pair.
  fileprivate init(letters first: UInt32, _ second: UInt32, _ third: UInt32) {
    self.init(1 << 63 | UInt64(first) << 28 | UInt64(second) << 14 | UInt64(third))
  }

  fileprivate init(letters first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32) {
    self.init(
      1 << 63 | UInt64(first) << 42 | UInt64(second) << 28 | UInt64(third) << 14 | UInt64(fourth))
  }

  /// Calls `body` with everything under which a folded text is to be found, some of it several times.
  ///
  /// Every scalar and every pair is a gram. A pair of ideographs is most of a word; of letters, 128
  /// messages have nearly all pairs and many triples, so that three and four in a row are grams as well.
  static func forEach(in text: String, _ body: (Gram) -> Void) {
    // The scalars before, the last one first, and how many letters there are in a row.
    var before: (UInt32, UInt32, UInt32) = (0, 0, 0)
    var letters = 0
    for scalar in text.unicodeScalars.lazy.map(\.value) {
      body(Gram(scalar))
      if before.0 != 0 { body(Gram(before.0, scalar)) }
      letters = isLetter(scalar) ? letters + 1 : 0
      if letters > 2 { body(Gram(letters: before.1, before.0, scalar)) }
      if letters > 3 { body(Gram(letters: before.2, before.1, before.0, scalar)) }
      before = (scalar, before.0, before.1)
    }
  }

  /// How many grams are looked up at the most: more cost more than they narrow down.
  private static let mostWanted = 8

  /// Grams that a block must all have if a text in it holds the query.
  public static func wanted(for query: SearchQuery) -> [Gram] {
    let scalars = query.folded.unicodeScalars.map(\.value)
    guard scalars.count > 1 else { return scalars.map { Gram($0) } }
    var grams: Set<Gram> = []
    for index in scalars.indices.dropLast() {
      let letters = scalars[index..<min(index + 4, scalars.count)].prefix(while: isLetter).count
      let isInLetters = index > 0 && isLetter(scalars[index - 1])
      if letters > 3 {
        grams.insert(
          Gram(
            letters: scalars[index], scalars[index + 1], scalars[index + 2], scalars[index + 3]))
      } else if letters == 3, !isInLetters {
        grams.insert(Gram(letters: scalars[index], scalars[index + 1], scalars[index + 2]))
      } else if letters < 2 || scalars.count == 2 {
        grams.insert(Gram(scalars[index], scalars[index + 1]))
      }
    }
    let all = grams.sorted { $0.hash < $1.hash }
    guard all.count > mostWanted else { return all }
    return (0..<mostWanted).map { all[$0 * all.count / mostWanted] }
  }

  /// Whether a scalar comes before the scripts of East Asia, which begin with CJK Radicals at
  /// U+2E80, and the emoji behind them.
  private static func isLetter(_ scalar: UInt32) -> Bool { scalar < 0x2E80 }
}
