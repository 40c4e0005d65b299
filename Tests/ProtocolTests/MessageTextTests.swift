import MartletProtocol
import TestSupport
import Testing

@Suite struct MessageTextTests {
  private let limits = Limits()

  @Test(arguments: [
    ("hello", "hello"),
    ("a\nb", "a\nb"),
    ("a\r\nb", "a\nb"),
    ("a\rb", "a\nb"),
    ("a\r\r\nb", "a\n\nb"),
    ("a\n\rb", "a\n\nb"),
    ("a\r\n\r\nb", "a\n\nb"),
    ("tab\tstays", "tab\tstays"),
    ("trailing \t\n\n", "trailing"),
    ("\n\n  indented", "  indented"),
    ("  first line", "  first line"),
    ("\r\n \r\n\tcode\r\n  more\r\n", "\tcode\n  more"),
    ("\u{3000}全角空格\u{3000}", "\u{3000}全角空格"),
    ("a\n\n\nb", "a\n\n\nb"),
  ])
  func unifiesLineEndsAndCutsBlankEnds(_ text: String, _ stored: String) throws {
    // Compared by scalar: to String, "\r\n" is one character and canonical equivalents are equal.
    let normalized = try MessageText.normalized(text, limits: limits)
    #expect(Array(normalized.unicodeScalars) == Array(stored.unicodeScalars))
  }

  @Test(arguments: [
    "早上好！今天的会议改到下午三点了。", "👩‍👩‍👧‍👦", "👍🏽", "🇨🇳", "❤️", "e\u{301}", "é", "한국어", "مرحبا",
    "a\u{202E}b", "\u{FEFF}bom", "\u{10FFFF}", "\u{E000}", "ﬁ", "①", "'; DROP TABLE message; --",
  ])
  func keepsEveryScalarOfOtherText(_ text: String) throws {
    let normalized = try MessageText.normalized(text, limits: limits)
    #expect(Array(normalized.unicodeScalars) == Array(text.unicodeScalars))
  }

  @Test(arguments: (0...0x9F).filter { $0 < 0x20 || $0 > 0x7E })
  func refusesEveryControlCharacterButTabAndLineEnds(_ value: UInt32) throws {
    let scalar = try #require(Unicode.Scalar(value))
    let text = "a\(scalar)b"
    switch scalar {
    case "\t", "\n", "\r": #expect(throws: Never.self) { try normalize(text) }
    case _: #expect(throws: ErrorCode.invalidText) { try normalize(text) }
    }
  }

  /// What can be told from its bytes is told the same.
  @Test func textsThatArePlainAreAllThatIsVisibleAndNothingToChange() throws {
    for value in UInt32(0)...0x3_0000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      for text in ["a\(scalar)b", "\(scalar)a", "a\(scalar)", "\(scalar)"] {
        // Behind a character that is never plain, at an end where it is cut off.
        let slowly = Result { () throws(RPCError) in
          try MessageText.normalized(text + "\u{3000}", limits: limits)
        }
        let quickly = Result { () throws(RPCError) in
          try MessageText.normalized(text, limits: limits)
        }
        guard quickly != slowly else { continue }
        Issue.record("U+\(String(value, radix: 16)) in \(text.debugDescription)")
      }
    }
  }

  @Test(arguments: [
    "", " ", "\n", "\r\n\t \n", "\u{A0}\u{3000}\u{2003}", "\u{200B}", "\u{200D}\u{FE0F}",
    "\u{3164}",
    " \u{2060}\n\u{FEFF} ",
  ])
  func refusesWhatShowsNothing(_ text: String) {
    #expect(throws: ErrorCode.emptyText) { try normalize(text) }
  }

  @Test(arguments: ["a", "é", "好", "🙂"])
  func measuresTheLimitInBytesOfUTF8(_ unit: String) throws {
    let (count, rest) = limits.textBytes.quotientAndRemainder(dividingBy: unit.utf8.count)
    let longest = String(repeating: unit, count: count) + String(repeating: "x", count: rest)
    #expect(try normalize(longest) == longest)
    #expect(throws: ErrorCode.textTooLong) { try normalize(longest + "x") }
  }

  @Test func measuresTheLimitAfterNormalising() throws {
    let long = String(repeating: "a\r\n", count: limits.textBytes / 2)
    #expect(try normalize(long).utf8.count == limits.textBytes - 1)
    #expect(
      try normalize(String(repeating: "\n", count: limits.textBytes) + "a") == "a")
  }

  @Test func refusesBlanksBeyondTwiceTheLimitUnread() {
    #expect(throws: ErrorCode.textTooLong) {
      try normalize("a" + String(repeating: " ", count: limits.textBytes * 2))
    }
  }

  @Test func anyLimitCanBeTold() throws {
    #expect(try MessageText.normalized("hi", limits: Limits(textBytes: .max)) == "hi")
    #expect(throws: RPCError.self) {
      try MessageText.normalized("hi", limits: Limits(textBytes: .min))
    }
  }

  @Test func normalisingTwiceChangesNothing() throws {
    var generator = SeededGenerator(seed: 5)
    let pieces = ["\r", "\n", "\r\n", " ", "\t", "a", "好", "👩‍👩‍👧", "\u{301}", "\u{3000}"]
    for _ in 0..<2000 {
      let count = Int.random(in: 0..<12, using: &generator)
      let text =
        (0..<count).compactMap { _ in pieces.randomElement(using: &generator) }.joined() + "x"
      let once = try normalize(text)
      #expect(try normalize(once) == once)
      #expect(!once.unicodeScalars.contains("\r"))
    }
  }

  /// Throws the code alone, which is what decides.
  private func normalize(_ text: String) throws(ErrorCode) -> String {
    do {
      return try MessageText.normalized(text, limits: limits)
    } catch {
      throw error.code
    }
  }
}

extension ErrorCode: Error {}
