/// A whole screen as values: what the views draw on and what the shell hands to curses.
///
/// A cell can only be set from a `Glyph`, and only the width oracle makes those, so no control code
/// from anybody's text can be in a canvas. The columns of a row always add up to the width: a wide
/// glyph is followed by one continuation cell, and writing over one half clears the other.
public struct Canvas: Hashable, Sendable {
  /// One cell.
  public struct Cell: Hashable, Sendable {
    /// What is in it; `nil` for the second half of the wide glyph to its left.
    public fileprivate(set) var glyph: Glyph?
    /// How it looks.
    public fileprivate(set) var style: Style

    fileprivate static let empty = Cell(glyph: .space, style: .plain)
  }

  /// The size of the screen.
  public let size: Size
  /// Where the hardware cursor belongs; `nil` hides it.
  public private(set) var cursor: Position?
  /// Measures what is written.
  let metrics: TextMetrics
  private var cells: [Cell]

  /// An empty screen.
  public init(size: Size, metrics: TextMetrics = TextMetrics()) {
    self.size = size
    self.metrics = metrics
    cells = Array(repeating: .empty, count: size.rows * size.columns)
  }

  /// The cell at a place; an empty one for places outside.
  public subscript(row: Int, column: Int) -> Cell {
    guard let index = index(row, column) else { return .empty }
    return cells[index]
  }

  /// The cells of one row from left to right; none for rows outside.
  public func row(_ row: Int) -> ArraySlice<Cell> {
    guard let start = index(row, 0) else { return [] }
    return cells[start..<start + size.columns]
  }

  /// Puts the hardware cursor at a place, moved onto the screen if need be.
  mutating func placeCursor(_ position: Position) {
    cursor = Position(
      row: min(max(0, position.row), size.rows - 1),
      column: min(max(0, position.column), size.columns - 1))
  }

  /// Takes the cursor off the screen.
  mutating func hideCursor() { cursor = nil }

  /// Writes clusters from a place to the right, and stops in front of the first glyph that would reach
  /// past `limit` or the edge of the screen.
  ///
  /// - Returns: the column after the last glyph written.
  @discardableResult
  mutating func write(
    _ clusters: some Sequence<Cluster>, at position: Position, limit: Int = .max,
    style: Style = .plain
  ) -> Int {
    let limit = min(limit, size.columns)
    var column = position.column
    for cluster in clusters {
      for glyph in cluster.glyphs {
        guard column + glyph.width <= limit else { return column }
        set(glyph, row: position.row, column: column, style: style)
        column += glyph.width
      }
    }
    return column
  }

  /// Writes text on one line; see `write(_:at:limit:style:)`.
  @discardableResult
  mutating func write(
    _ text: String, at position: Position, limit: Int = .max, style: Style = .plain
  ) -> Int {
    write(text.lazy.map(metrics.cluster), at: position, limit: limit, style: style)
  }

  /// Clears a part of the screen to one style.
  mutating func clear(_ area: Rectangle, style: Style = .plain) {
    for row in area.row..<area.endRow {
      for column in area.column..<area.endColumn {
        set(.space, row: row, column: column, style: style)
      }
    }
  }

  /// Changes the look of a part of the screen and leaves the characters.
  mutating func restyle(_ area: Rectangle, _ change: (inout Style) -> Void) {
    for row in area.row..<area.endRow {
      for column in area.column..<area.endColumn {
        if let index = index(row, column) { change(&cells[index].style) }
      }
    }
  }

  private mutating func set(_ glyph: Glyph, row: Int, column: Int, style: Style) {
    guard let first = index(row, column), column + glyph.width <= size.columns else { return }
    separate(first, column: column)
    cells[first] = Cell(glyph: glyph, style: style)
    guard glyph.width == 2 else { return }
    separate(first + 1, column: column + 1)
    cells[first + 1] = Cell(glyph: nil, style: style)
  }

  /// Clears the other half of a wide glyph of which one half is about to be overwritten.
  private mutating func separate(_ index: Int, column: Int) {
    if cells[index].glyph == nil, column > 0 { cells[index - 1].glyph = .space }
    if cells[index].glyph?.width == 2, column + 1 < size.columns {
      cells[index + 1].glyph = .space
    }
  }

  private func index(_ row: Int, _ column: Int) -> Int? {
    guard (0..<size.rows).contains(row), (0..<size.columns).contains(column) else { return nil }
    return row * size.columns + column
  }
}
