/// How a cell looks.
public struct Style: Hashable, Sendable {
  /// The colour of the character.
  public var foreground: Colour
  /// The colour behind it.
  public var background: Colour
  /// Bold, dim, reverse, underline.
  public var attributes: Attributes

  /// A style; the default is the terminal's own look.
  public init(
    _ foreground: Colour = .standard, on background: Colour = .standard,
    _ attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// A style on the terminal's own background.
  public init(_ foreground: Colour = .standard, _ attributes: Attributes) {
    self.init(foreground, on: .standard, attributes)
  }

  /// The terminal's own look.
  public static let plain = Style()

  /// A small palette named for meaning; the shell chooses the terminal's colours.
  public enum Colour: Hashable, Sendable {
    /// The terminal's default.
    case standard
    /// Names of others, titles: cyan.
    case accent
    /// One's own name and receipts: blue.
    case own
    /// Online, done: green.
    case positive
    /// Unread, waiting: yellow.
    case attention
    /// Failed: red.
    case negative
    /// What may be overlooked: grey.
    case muted
    /// One of the 256 colours that terminals have in common, for pictures.
    case indexed(UInt8)

    /// Those that are named for a meaning.
    public static let named: [Colour] = [
      .standard, .accent, .own, .positive, .attention, .negative, .muted,
    ]
  }

  /// Attributes that every terminal has in some form.
  public struct Attributes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let bold = Attributes(rawValue: 1)
    public static let dim = Attributes(rawValue: 2)
    public static let reverse = Attributes(rawValue: 4)
    public static let underline = Attributes(rawValue: 8)
  }
}
