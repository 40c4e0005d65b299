/// What an account may be called: a letter or digit of any script, then letters, digits, marks, `_`,
/// `-` and `.`.
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
