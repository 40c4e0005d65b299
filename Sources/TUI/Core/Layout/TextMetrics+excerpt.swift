import MartletProtocol

extension TextMetrics {
  /// One line of a text with the first place in it that is to be highlighted.
  ///
  /// Only what is near that place is laid out: a message may have many thousand characters, and a list
  /// shows many messages.
  ///
  /// - Parameter ranges: the server's, which may be anything.
  func excerpt(
    _ text: String, ranges: [TextRange], isSelected: Bool = false, width: Int, ellipsis: String
  ) -> [StyledLine.Run] {
    let ranges = ranges.filter { $0.start >= 0 }
    // More scalars than any character of two columns is likely to have.
    let reach = 8 * max(1, width)
    let first = ranges.map(\.start).min() ?? 0
    let skipped = max(0, first - reach)
    let near = String(
      String.UnicodeScalarView(text.unicodeScalars.dropFirst(skipped).prefix(3 * reach)))
    let highlight = Highlight(
      near, ranges: ranges.map { TextRange(start: $0.start - skipped, length: $0.length) },
      isSelected: isSelected)
    let space = cluster(" ")
    let clusters = near.map { $0.isNewline || $0 == "\t" ? space : cluster($0) }
    let match = highlight.flags.firstIndex(of: true) ?? 0
    var start = match
    var lead = 0
    while start > 0, lead + clusters[start - 1].width <= width / 3 {
      start -= 1
      lead += clusters[start].width
    }
    let dots = self.clusters(ellipsis)
    // From the start where the whole beginning fits, dots or not.
    if skipped == 0, start > 0, clusters[..<match].width <= width / 3 + dots.width { start = 0 }
    let isCut = skipped > 0 || start > 0
    var end = start
    var taken = isCut ? dots.width : 0
    while end < clusters.count, taken + clusters[end].width <= width {
      taken += clusters[end].width
      end += 1
    }
    let cut = isCut ? [StyledLine.Run(clusters: dots, style: Style(.muted))] : []
    return cut + highlight.runs(of: clusters, in: start..<end)
  }
}
