import CCurses
import TUICore

/// Turns a ``Style`` into what the terminal can do.
struct Palette {
  /// How many colours there are to choose from.
  enum Depth: Equatable {
    case none
    case eight
    case sixteen
    case many

    init(colours: Int) {
      switch colours {
      case ..<8: self = .none
      case ..<16: self = .eight
      case ..<256: self = .sixteen
      case _: self = .many
      }
    }
  }

  let depth: Depth

  /// Sets up the colour pairs of the present terminal.
  ///
  /// - Parameter usesColour: `false` draws without any, as `NO_COLOR` asks.
  init(usesColour: Bool) {
    guard usesColour, has_colors(), start_color() == cc_ok, use_default_colors() == cc_ok else {
      depth = .none
      return
    }
    depth = Depth(colours: Int(cc_colours()))
    guard depth != .none else { return }
    for (row, background) in Style.Colour.named.enumerated() {
      for (column, foreground) in Style.Colour.named.enumerated() where row + column > 0 {
        init_extended_pair(
          Self.pair(column, on: row), Self.number(of: foreground, in: depth),
          Self.number(of: background, in: depth))
      }
    }
  }

  /// The colours that a picture may have: all there are, or none. Where the pairs are few, those of a
  /// picture would take the place of the named ones.
  var pictureColours: PictureRequest.Colours { depth == .many ? .many : .none }

  /// The attributes and the colour pair of a style.
  func attributes(of style: Style) -> (attributes: attr_t, pair: Int32) {
    var attributes = cc_a_normal
    if style.attributes.contains(.bold) { attributes |= cc_a_bold }
    if style.attributes.contains(.dim) { attributes |= cc_a_dim }
    if style.attributes.contains(.reverse) { attributes |= cc_a_reverse }
    if style.attributes.contains(.underline) { attributes |= cc_a_underline }
    // Eight colours hold no grey.
    if style.foreground == .muted, depth == .eight || depth == .none { attributes |= cc_a_dim }
    guard depth != .none else { return (attributes, 0) }
    guard let foreground = Style.Colour.named.firstIndex(of: style.foreground),
      let background = Style.Colour.named.firstIndex(of: style.background)
    else {
      // Curses numbers it, and gives it away again when it has no others left: alloc_pair(3x).
      let pair = alloc_pair(
        Self.number(of: style.foreground, in: depth), Self.number(of: style.background, in: depth))
      return (attributes, max(0, pair))
    }
    return (attributes, Self.pair(foreground, on: background))
  }

  /// The named ones are numbered by their places in the list, foreground and background; 0 is the
  /// terminal's own. All of them fit the 64 pairs that a terminal of eight colours has.
  private static func pair(_ foreground: Int, on background: Int) -> Int32 {
    Int32(background * Style.Colour.named.count + foreground)
  }

  /// The first sixteen colours are those of the user's theme and so fit any background. From the 256
  /// comes only what themes tend to make illegible: blue and grey.
  static func number(of colour: Style.Colour, in depth: Depth) -> Int32 {
    switch colour {
    case .standard: -1
    case .indexed(let number): depth == .many ? Int32(number) : -1
    case .negative: 1
    case .positive: 2
    case .attention: 3
    case .own:
      switch depth {
      case .none, .eight: 4
      case .sixteen: 12
      case .many: 75
      }
    case .accent: 6
    case .muted:
      switch depth {
      case .none, .eight: -1
      case .sixteen: 8
      case .many: 245
      }
    }
  }
}
