import MartletProtocol

/// Where a text is highlighted, character by character.
///
/// Hits are counted in Unicode scalars and the screen is made of grapheme clusters: one that a hit
/// begins or ends in is highlighted whole.
struct Highlight: Hashable, Sendable {
  /// One flag per character of the text; none where nothing is highlighted.
  let flags: [Bool]
  /// Whether it is the hit that is looked at.
  var isSelected = false

  static let none = Highlight("", ranges: [])

  /// More than a text has characters.
  private static let maximumRanges = 64 * 1024

  init(_ text: String, ranges: [TextRange], isSelected: Bool = false) {
    self.isSelected = isSelected
    // They are the server's, and may be anything.
    let sound = ranges.prefix(Self.maximumRanges).filter { $0.start >= 0 && $0.length > 0 }
      .sorted { $0.start < $1.start }
    guard !sound.isEmpty else {
      flags = []
      return
    }
    var flags: [Bool] = []
    var next = 0
    var offset = 0
    for character in text {
      let end = offset + character.unicodeScalars.count
      while next < sound.count, sound[next].length <= offset - sound[next].start { next += 1 }
      flags.append(next < sound.count && sound[next].start < end)
      offset = end
    }
    self.flags = flags
  }

  /// Red, and reversed so that it is seen without colours, too.
  private var style: Style { Style(.negative, isSelected ? [.reverse, .bold] : .reverse) }

  /// Clusters of the text, those highlighted apart from the others.
  ///
  /// - Parameter range: their places in the text.
  func runs(of clusters: [Cluster], in range: Range<Int>, style plain: Style = .plain)
    -> [StyledLine.Run]
  {
    guard flags.count == clusters.count, flags[range].contains(true) else {
      return [StyledLine.Run(clusters: Array(clusters[range]), style: plain)]
    }
    var runs: [StyledLine.Run] = []
    var start = range.lowerBound
    for index in range where index + 1 == range.upperBound || flags[index + 1] != flags[index] {
      runs.append(
        StyledLine.Run(
          clusters: Array(clusters[start...index]), style: flags[start] ? style : plain))
      start = index + 1
    }
    return runs
  }
}
