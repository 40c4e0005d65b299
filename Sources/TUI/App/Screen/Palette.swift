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
    for background in Style.Colour.allCases {
      for foreground in Style.Colour.allCases
      where foreground != .standard || background != .standard {
        init_extended_pair(
          Self.pair(foreground, on: background), Self.number(of: foreground, in: depth),
          Self.number(of: background, in: depth))
      }
    }
  }

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
    return (attributes, Self.pair(style.foreground, on: style.background))
  }

  /// Pairs are numbered by foreground and background; 0 is the terminal's own. All of them fit the
  /// 64 pairs that a terminal of eight colours has.
  private static func pair(_ foreground: Style.Colour, on background: Style.Colour) -> Int32 {
    Int32(background.rawValue) * Int32(Style.Colour.allCases.count) + Int32(foreground.rawValue)
  }

  /// The first sixteen colours are those of the user's theme and so fit any background. From the 256
  /// comes only what themes tend to make illegible: blue and grey.
  static func number(of colour: Style.Colour, in depth: Depth) -> Int32 {
    switch colour {
    case .standard: -1
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
