/// What an account may be called: a letter or digit of any script, then letters, digits, marks, `_`,
/// `-` and `.`; all of one script, so that no letter stands for one of another that looks like it.
///
/// The rules hold for the NFKC form, which the database makes; the client may check early.
public enum AccountName {
  /// The longest name, in Unicode scalars.
  public static let maximumScalars = 32
  /// The longest name, in bytes of UTF-8.
  static let maximumBytes = 4 * maximumScalars

  /// Checks a name.
  ///
  /// - Throws: ``RPCError`` with ``ErrorCode/invalidName``.
  public static func check(_ name: String) throws(RPCError) {
    let scalars = name.unicodeScalars
    guard let first = scalars.first else { throw invalid("A name may not be empty.") }
    guard scalars.count <= maximumScalars else {
      throw invalid("A name may have at most \(maximumScalars) characters.")
    }
    guard scalars.allSatisfy(isAllowed), isLetterOrDigit(first) else {
      throw invalid(
        "A name may have letters, digits, '_', '-' and '.', and starts with a letter or a digit.")
    }
    guard isOfOneScript(scalars) else {
      throw invalid("A name may not mix letters of several alphabets.")
    }
  }

  /// Scripts that are written together: those of Chinese, Japanese and Korean, with Latin among them. The
  /// level "highly restrictive" of Unicode Technical Standard #39, section 5.2.
  private static let written: [Set<Substring>] = [
    ["LATIN", "CJK", "HIRAGANA", "KATAKANA"], ["LATIN", "CJK", "BOPOMOFO"],
    ["LATIN", "CJK", "HANGUL"],
  ]

  private static func isOfOneScript(_ scalars: String.UnicodeScalarView) -> Bool {
    let scripts = Set(scalars.compactMap(script))
    return scripts.count <= 1 || written.contains { scripts.isSubset(of: $0) }
  }

  /// The script of a character; `nil` for what all have in common.
  ///
  /// The standard library has no such property, but names of characters begin with it. Digits and marks
  /// count as letters do: some of other scripts look like Latin letters.
  private static func script(_ scalar: Unicode.Scalar) -> Substring? {
    guard !scalar.isASCII else { return scalar.properties.isAlphabetic ? "LATIN" : nil }
    guard let name = scalar.properties.name else { return nil }
    return switch name.prefix(while: { $0 != " " && $0 != "-" }) {
    case "IDEOGRAPHIC": "CJK"
    // Of Arabic-Indic digits, those of Persian and Urdu.
    case "EXTENDED": "ARABIC"
    case "COMBINING", "FULLWIDTH", "HALFWIDTH", "MODIFIER": nil
    case let script: script
    }
  }

  private static func invalid(_ message: String) -> RPCError { RPCError(.invalidName, message) }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "_", "-", ".": true
    case _:
      switch scalar.properties.generalCategory {
      // A mark that draws nothing would make two names look alike.
      case .nonspacingMark, .spacingMark: !scalar.properties.isDefaultIgnorableCodePoint
      case _: isLetterOrDigit(scalar)
      }
    }
  }

  private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber:
      // Hangul fillers are letters that draw nothing.
      !scalar.properties.isDefaultIgnorableCodePoint
    case _: false
    }
  }
}
