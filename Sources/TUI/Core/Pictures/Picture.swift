/// A picture as cells: rows of half-blocks or characters, each with two colours.
public struct Picture: Hashable, Sendable {
  /// One cell: a character of one cell's width that is drawn as it is.
  struct Cell: Hashable, Sendable {
    var character: Character
    var style: Style
  }

  /// From top to bottom, each from left to right; no longer than the size that was asked for.
  let rows: [[Cell]]

  var columns: Int { rows.map(\.count).max() ?? 0 }
}

/// With what a picture is to be drawn.
public struct PictureRequest: Hashable, Sendable {
  /// The cells there are for it.
  public var size: Size
  /// Which colours the terminal has.
  public var colours: Colours
  /// Whether only ASCII may be drawn.
  public var usesASCII: Bool

  /// The numbers of colours that are told apart.
  public enum Colours: Int, Hashable, Sendable, CaseIterable {
    case none = 2
    case eight = 8
    case sixteen = 16
    case many = 256
  }
}

extension PictureRequest {
  /// Reads what a program prints that draws in characters; see ``PictureParser``.
  public func picture(from output: [UInt8]) -> Picture {
    PictureParser.picture(from: output, request: self)
  }
}
