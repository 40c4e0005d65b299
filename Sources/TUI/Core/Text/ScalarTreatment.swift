import MartletWidth

/// What becomes of one scalar on its way to the screen.
enum ScalarTreatment: Equatable {
  /// Starts a glyph of this many cells, 1 or 2.
  case base(width: Int)
  /// Is drawn on top of the glyph before it.
  case mark
  /// Is left out: it only changes how its neighbours join, which terminals disagree about.
  case omitted
  /// Is written out as symbols, because it would act on the terminal, or could not be seen.
  case spelled
}

extension ScalarTreatment {
  /// Decides by Unicode properties first and by the C library's width last.
  ///
  /// - Parameters:
  ///   - scalar: the scalar to treat.
  ///   - first: the first scalar of its cluster, `nil` for that scalar itself.
  ///   - ambiguousWidth: the width of East Asian Ambiguous scalars.
  init(of scalar: Unicode.Scalar, after first: Unicode.Scalar?, ambiguousWidth: AmbiguousWidth) {
    if scalar.properties.isDefaultIgnorableCodePoint || scalar.isInvisibleFormat {
      self = Self.invisible(scalar, after: first)
      return
    }
    if first != nil, scalar.properties.isEmojiModifier {
      // A skin tone after its emoji takes 2 more cells in tmux and none in kitty or foot. The
      // emoji alone takes 2 everywhere.
      self = .omitted
      return
    }
    switch LibcWidth.cells(of: scalar) {
    case nil: self = .spelled
    case 0: self = .mark
    case 1 where ambiguousWidth == .wide && AmbiguousRanges.contains(scalar): self = .base(width: 2)
    case 1: self = .base(width: 1)
    default: self = .base(width: 2)
    }
  }

  /// Scalars without a shape of their own. Those with an honest reason to be where they are go
  /// quietly; a bidi override, a zero-width space in a name or a smuggled tag is shown.
  private static func invisible(
    _ scalar: Unicode.Scalar, after first: Unicode.Scalar?
  ) -> ScalarTreatment {
    guard let first else { return .spelled }
    switch scalar.value {
    case 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x180B...0x180F:
      // Variation selectors. VS15 and VS16 change an emoji's width in some terminals only.
      return .omitted
    case 0x200C, 0x200D:
      // Joiners shape Persian and Indic words and join emoji; between ASCII they only hide.
      return first.isASCII ? .spelled : .omitted
    case 0xE0020...0xE007F:
      // Tags make the flags of England, Scotland and Wales out of a black flag.
      return first.value == 0x1F3F4 ? .omitted : .spelled
    case 0x1160:
      // The vowel filler completes a Hangul syllable block that has only consonants.
      return (0x1100...0x115E).contains(first.value) ? .mark : .spelled
    default:
      return .spelled
    }
  }
}

extension Unicode.Scalar {
  /// Format characters, except the few that are of that category but have ink
  /// (Prepended_Concatenation_Mark in PropList.txt).
  fileprivate var isInvisibleFormat: Bool {
    guard properties.generalCategory == .format else { return false }
    switch value {
    case 0x0600...0x0605, 0x06DD, 0x070F, 0x0890...0x0891, 0x08E2, 0x110BD, 0x110CD: return false
    default: return true
    }
  }
}
