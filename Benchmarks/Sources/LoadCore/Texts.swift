import Glibc

/// Bodies of about 100 bytes, mixed Chinese and English, the same for the same seed. Words are as common
/// as in a language, by Zipf's law, so that an index of them has as much to do as it would have.
public struct Texts: Sendable {
  private static let poolSize = 8192
  private let pool: [String]

  public init(seed: UInt64) {
    var generator = SplitMix64(state: seed)
    let consonants = Array("bcdfghjklmnpqrstvwz"), vowels = Array("aeiou")
    let syllable = { (generator: inout SplitMix64) -> String in
      "\(consonants.randomElement(using: &generator) ?? "b")"
        + "\(vowels.randomElement(using: &generator) ?? "a")"
        + (Bool.random(using: &generator) ? "n" : "")
    }
    let english = (0..<20_000).map { _ in
      (0..<Int.random(in: 1...3, using: &generator)).map { _ in syllable(&generator) }.joined()
    }
    let han = (0..<3000).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0x4E00..<0x8000, using: &generator)).map(Character.init)
    }
    let chinese = (0..<20_000).map { _ in
      String((0..<2).map { _ in han[Self.zipf(han.count, &generator)] })
    }
    pool = (0..<Self.poolSize).map { _ in
      var text = ""
      let isChinese = Bool.random(using: &generator)
      while text.utf8.count < 85 {
        if Double.random(in: 0..<1, using: &generator) < (isChinese ? 0.9 : 0.1) {
          text += chinese[Self.zipf(chinese.count, &generator)]
        } else {
          text += " " + english[Self.zipf(english.count, &generator)]
        }
      }
      return text
    }
  }

  /// A body that tells which message it is.
  public func body(pair: Int, number: Int) -> String {
    "\(pair) \(number) \(pool[(pair &* 7919 &+ number) % Self.poolSize])"
  }

  /// Which message a body is of; `nil` when it is none of these.
  public static func place(of body: some Collection<UInt8>) -> (pair: Int, number: Int)? {
    var numbers = [0, 0], index = 0, digits = 0
    for byte in body {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9") where digits < 12:
        numbers[index] = numbers[index] * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
      case UInt8(ascii: " ") where digits > 0:
        guard index == 0 else { return (numbers[0], numbers[1]) }
        (index, digits) = (1, 0)
      default: return nil
      }
    }
    return nil
  }

  /// An index that is the more likely the smaller it is: as one divided by it, about.
  private static func zipf(_ count: Int, _ generator: inout SplitMix64) -> Int {
    // The continuous distribution of that density, by inversion: (n + 1)^u - 1 for u in 0..<1.
    let exponent = Double.random(in: 0..<1, using: &generator)
    return min(count - 1, Int(pow(Double(count + 1), exponent) - 1))
  }
}

/// Sebastiano Vigna's generator of that name: small, and good enough for words.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
