/// How a cluster takes part in line breaking: what UAX #14 needs for Chinese, Japanese, Korean and
/// Latin text, without its rarer classes.
public enum LineBreakClass: Hashable, Sendable {
  /// Ends the line.
  case newline
  /// A space: a line may end after it, and it may hang over the edge.
  case space
  /// Letters and digits: kept together as long as the word fits on a line.
  case word
  /// Han, kana, Hangul, emoji: a line may end on either side.
  case ideograph
  /// Never last on a line. A full-width one lets the line end before it, also after a word.
  case opening(fullWidth: Bool)
  /// Never first on a line. A full-width one lets the line end after it, also before a word.
  case closing(fullWidth: Bool)
  /// The dash, which is doubled in Chinese: two of them are never parted.
  case dash

  /// The class of a cluster that starts with `scalar`.
  init(of scalar: Unicode.Scalar) {
    self =
      switch scalar {
      case "\n": .newline
      case " ", "\t", "\u{3000}", "\u{2000}"..."\u{2006}", "\u{2008}"..."\u{200A}": .space
      case "\u{2014}", "\u{2015}", "\u{2E3A}": .dash
      case _ where Self.fullWidthOpening.contains(scalar): .opening(fullWidth: true)
      case _ where Self.fullWidthClosing.contains(scalar): .closing(fullWidth: true)
      case "(", "[", "{", "\u{201C}", "\u{2018}", "\u{00AB}": .opening(fullWidth: false)
      case ")", "]", "}", ",", ".", "!", "?", ":", ";", "%", "\u{201D}", "\u{2019}", "\u{00BB}":
        .closing(fullWidth: false)
      case _ where Self.isIdeographic(scalar): .ideograph
      default: .word
      }
  }

  /// Whether a line may end between a cluster of this class and `next`.
  func allowsBreak(before next: LineBreakClass) -> Bool {
    switch (self, next) {
    case (_, .newline), (_, .space), (_, .closing): false
    case (.newline, _), (.space, _): true
    case (.opening, _), (.dash, .dash): false
    default: breaksOnEitherSide || next.breaksOnEitherSide
    }
  }

  private var breaksOnEitherSide: Bool {
    switch self {
    case .ideograph, .dash, .opening(fullWidth: true), .closing(fullWidth: true): true
    case .newline, .space, .word, .opening(fullWidth: false), .closing(fullWidth: false): false
    }
  }

  private static let fullWidthOpening = Set("（［｛「『【《〈〔〖〘〚﹁﹃﹙﹛﹝＂＇￥＄￡".unicodeScalars)

  /// Closing brackets, stops, and what may not start a line in Japanese (JIS X 4051): small kana,
  /// the prolonged sound mark and iteration marks.
  private static let fullWidthClosing = Set(
    """
    ，。！？；：、．…‥）］｝」』】》〉〕〗〙〛﹂﹄﹚﹜﹞·・‧～％‰℃°｡､｣･\
    々〻ヽヾゝゞーぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ
    """.unicodeScalars)

  private static func isIdeographic(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x11FF, 0x2E80...0x303F, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF01...0xFF60,
      0xFFE0...0xFFE6, 0x1F000...0x1FAFF, 0x20000...0x3FFFD:
      true
    default:
      false
    }
  }
}
