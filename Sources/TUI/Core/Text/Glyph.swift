/// What one character cell of the terminal, or two neighbouring ones, can be made to show.
///
/// Only `TextMetrics` makes glyphs, out of scalars that it has found harmless and measured. So
/// whatever holds a glyph holds neither a control code nor a wrong width: the guarantee that text
/// from others cannot act on the terminal rests on this initialiser being unreachable elsewhere.
public struct Glyph: Hashable, Sendable {
  /// The scalar that takes the cells.
  public let base: Unicode.Scalar
  /// Zero-width scalars drawn on top of it, at most `maximumMarks`.
  public let marks: [Unicode.Scalar]
  /// Cells taken: 1 or 2.
  public let width: Int

  /// How many marks a glyph keeps: an ncurses `cchar_t` holds 5 wide characters (`CCHARW_MAX`).
  public static let maximumMarks = 4

  /// An empty cell.
  public static let space = Glyph(base: " ", marks: [], width: 1)

  /// The scalars in the order in which curses wants them.
  public var scalars: [Unicode.Scalar] { [base] + marks }

  fileprivate init(base: Unicode.Scalar, marks: [Unicode.Scalar], width: Int) {
    self.base = base
    self.marks = marks
    self.width = width
  }
}

/// One user-perceived character as the terminal will show it.
public struct Cluster: Hashable, Sendable {
  /// Its drawn form, never empty. More than one where curses cannot hold the character in a cell: the
  /// two halves of a flag, the members of a family, a control code spelled out.
  public let glyphs: [Glyph]
  /// The cells of all glyphs together.
  public let width: Int
  /// How it takes part in line breaking.
  public let lineBreak: LineBreakClass

  fileprivate init(glyphs: [Glyph], lineBreak: LineBreakClass) {
    self.glyphs = glyphs
    self.width = glyphs.reduce(0) { $0 + $1.width }
    self.lineBreak = lineBreak
  }
}

extension Sequence<Cluster> {
  /// The cells that they take on one line.
  var width: Int { reduce(0) { $0 + $1.width } }
}

/// How wide the terminal draws East Asian Ambiguous characters such as `“` `…` `①` `●`.
public enum AmbiguousWidth: Int, Hashable, Sendable {
  case narrow = 1
  case wide = 2
}

/// The width oracle: the one place that decides how text looks in cells.
///
/// Terminals, and ncurses, advance by the sum of `wcwidth` over scalars; people edit by grapheme
/// cluster. So a cluster is measured by the scalars that are really handed to curses, and both come
/// out of the same function. Joiners, variation selectors and skin tones, about which terminals
/// disagree, are left out of the drawn form (the text itself keeps them).
///
/// Right-to-left text stays in logical order; reordering is left to terminals that do it. Characters
/// that override direction are spelled out, so that nobody's text reorders anybody else's.
public struct TextMetrics: Hashable, Sendable {
  /// The width of East Asian Ambiguous scalars.
  public let ambiguousWidth: AmbiguousWidth

  /// An oracle for a terminal with the given habit.
  public init(ambiguousWidth: AmbiguousWidth = .narrow) {
    self.ambiguousWidth = ambiguousWidth
  }

  /// Cells that a tab takes. Fixed, so that a text measures the same wherever it starts.
  static let tabWidth = 4

  /// A cluster shows at most this many glyphs. Unicode sets no limit on a family or on a chain of
  /// Hangul consonants, and a cluster cannot be wrapped.
  static let maximumGlyphs = 16

  /// The drawn form and the width of one character.
  public func cluster(_ character: Character) -> Cluster {
    if character == "\r\n" { return Self.ascii[0x0A] }
    if let code = character.asciiValue { return Self.ascii[Int(code)] }
    return compose(character)
  }

  /// The drawn form of a whole text, cluster by cluster.
  public func clusters(_ text: some Sequence<Character>) -> [Cluster] { text.map(cluster) }

  /// Cells that a text takes on one line.
  public func width(of text: some Sequence<Character>) -> Int {
    text.lazy.map(cluster).width
  }

  private func compose(_ character: Character) -> Cluster {
    var builder = GlyphBuilder()
    var first: Unicode.Scalar?
    for scalar in character.unicodeScalars {
      switch ScalarTreatment(of: scalar, after: first, ambiguousWidth: ambiguousWidth) {
      case .base(let width): builder.add(base: scalar, width: width)
      case .mark: builder.add(mark: scalar)
      case .omitted: break
      case .spelled: builder.spell(scalar)
      }
      first = first ?? scalar
      if builder.glyphs.count > Self.maximumGlyphs { break }
    }
    if builder.glyphs.count > Self.maximumGlyphs {
      builder.glyphs.removeSubrange((Self.maximumGlyphs - 1)...)
      builder.glyphs.append(Glyph(base: "~", marks: [], width: 1))
    }
    return Cluster(glyphs: builder.glyphs, lineBreak: LineBreakClass(of: first ?? " "))
  }

  private static let ascii: [Cluster] = (0..<0x80).map { code in
    let scalar = Unicode.Scalar(UInt8(code))
    let glyphs: [Glyph] =
      switch code {
      case 0x09: Array(repeating: .space, count: tabWidth)
      case 0x00...0x1F, 0x7F: [Glyph(base: scalar.controlPicture, marks: [], width: 1)]
      default: [Glyph(base: scalar, marks: [], width: 1)]
      }
    return Cluster(glyphs: glyphs, lineBreak: LineBreakClass(of: scalar))
  }
}

/// Gathers the glyphs of one cluster.
private struct GlyphBuilder {
  var glyphs: [Glyph] = []

  mutating func add(base: Unicode.Scalar, width: Int) {
    glyphs.append(Glyph(base: base, marks: [], width: width))
  }

  /// Marks beyond what a cell holds are dropped: they are a flood, or they would not be legible.
  mutating func add(mark: Unicode.Scalar) {
    // A mark with nothing under it is put on the circle that typography uses for that.
    let under = glyphs.popLast() ?? Glyph(base: "\u{25CC}", marks: [], width: 1)
    let marks = under.marks.count < Glyph.maximumMarks ? under.marks + [mark] : under.marks
    glyphs.append(Glyph(base: under.base, marks: marks, width: under.width))
  }

  /// Writes `<U+202E>`: unlike one replacement character for all, it tells two strange names apart.
  mutating func spell(_ scalar: Unicode.Scalar) {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let padding = String(repeating: "0", count: max(0, 4 - digits.count))
    for symbol in "<U+\(padding)\(digits)>".unicodeScalars { add(base: symbol, width: 1) }
  }
}

extension Unicode.Scalar {
  /// The symbol for a C0 control or DEL in the Control Pictures block, such as `␛`.
  fileprivate var controlPicture: Unicode.Scalar {
    let picture: UInt32 = value == 0x7F ? 0x2421 : 0x2400 + value
    return Unicode.Scalar(picture) ?? "\u{FFFD}"
  }
}
