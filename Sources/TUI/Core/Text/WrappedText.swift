/// A text broken into rows of a given width, and the way between its caret and the rows.
///
/// Positions are counted in clusters, so a caret can never stand inside one.
public struct WrappedText: Hashable, Sendable {
  /// One row on the screen.
  public struct Row: Hashable, Sendable {
    /// The clusters on this row. The newline that ends it is not among them; spaces at which the
    /// line was broken are, though they may hang over the edge.
    public let range: Range<Int>
    /// Cells that the row takes, without spaces that hang over the edge.
    public let width: Int
  }

  /// A place on the screen, relative to the top left of the text.
  public struct Place: Hashable, Sendable {
    /// The row, from 0.
    public var row: Int
    /// The cell in that row, from 0; the width of the text area where the row is full.
    public var column: Int
  }

  /// The clusters that were wrapped.
  public let clusters: [Cluster]
  /// The rows, at least one.
  public let rows: [Row]
  /// The width that was asked for, in cells.
  public let width: Int

  /// Wraps `clusters` to `width` cells.
  ///
  /// Lines end where `LineBreakClass` allows it; a word wider than the whole line is split between
  /// clusters. A single cluster wider than the line gets a row of its own, to be clipped.
  public init(_ clusters: [Cluster], width: Int) {
    self.clusters = clusters
    self.width = max(1, width)
    var wrapper = LineWrapper(width: self.width)
    for (index, cluster) in clusters.enumerated() { wrapper.take(cluster, at: index, in: clusters) }
    wrapper.finish(at: clusters.count)
    rows = wrapper.rows
  }

  /// Where a caret in front of cluster `position` stands.
  ///
  /// At a place where a line was wrapped it stands at the start of the next row.
  public func place(of position: Int) -> Place {
    let position = min(max(position, 0), clusters.count)
    let row = rows.lastIndex { $0.range.lowerBound <= position } ?? 0
    let column = clusters[rows[row].range.lowerBound..<position].width
    return Place(row: row, column: min(column, width))
  }

  /// The caret position nearest to a place; places outside the text are moved inside.
  public func position(at place: Place) -> Int {
    let row = min(max(place.row, 0), rows.count - 1)
    let range = rows[row].range
    var column = 0
    for position in range {
      let next = column + clusters[position].width
      // Past the middle of a wide cluster the gap behind it is the nearer one.
      if place.column * 2 < column + next { return position }
      column = next
    }
    // The end of a wrapped row is the start of the next; stay on the row that was pointed at.
    let isWrapped = row + 1 < rows.count && rows[row + 1].range.lowerBound == range.upperBound
    return isWrapped ? max(range.lowerBound, range.upperBound - 1) : range.upperBound
  }
}

/// The greedy line breaker, fed one cluster at a time.
private struct LineWrapper {
  let width: Int
  var rows: [WrappedText.Row] = []

  /// The first cluster of the row being filled.
  private var start = 0
  /// Cells taken by the row so far, hanging spaces included.
  private var taken = 0
  /// Cells taken up to the last cluster that is not a space.
  private var inked = 0
  /// The last place in this row where it may end, and the cells before it.
  private var opportunity: (index: Int, taken: Int, inked: Int)?

  init(width: Int) { self.width = width }

  mutating func take(_ cluster: Cluster, at index: Int, in clusters: [Cluster]) {
    if index > start, clusters[index - 1].lineBreak.allowsBreak(before: cluster.lineBreak) {
      opportunity = (index, taken, inked)
    }
    switch cluster.lineBreak {
    case .newline:
      endRow(at: index, nextStart: index + 1, inked: inked)
    case .space:
      taken += cluster.width
      if taken <= width { inked = taken }
    case .word, .ideograph, .opening, .closing, .dash:
      while taken + cluster.width > width, index > start { breakRow(before: index) }
      taken += cluster.width
      inked = taken
    }
  }

  mutating func finish(at end: Int) { endRow(at: end, nextStart: end, inked: inked) }

  /// Ends the row at its last opportunity, or right here when a word fills it all.
  private mutating func breakRow(before index: Int) {
    guard let last = opportunity else {
      endRow(at: index, nextStart: index, inked: inked)
      return
    }
    let carried = taken - last.taken
    endRow(at: last.index, nextStart: last.index, inked: last.inked)
    taken = carried
    inked = carried
  }

  private mutating func endRow(at end: Int, nextStart: Int, inked ink: Int) {
    rows.append(.init(range: start..<end, width: min(ink, width)))
    start = nextStart
    taken = 0
    inked = 0
    opportunity = nil
  }
}
