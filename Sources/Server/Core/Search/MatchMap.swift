import MartletProtocol

/// Finds where in a text a query stands, given how its parts fold.
///
/// Folding may change the number of characters, and what stands side by side may fold together. So
/// a text is cut into grapheme clusters, which as a rule fold apart from each other. Where they do
/// not, all that lies between the first and the last difference counts as one part.
struct MatchMap {
  private let text: [Unicode.Scalar]
  private let folded: [Unicode.Scalar]

  init(text: String, folded: String) {
    self.text = Array(text.unicodeScalars)
    self.folded = Array(folded.unicodeScalars)
  }

  /// Where the query stands if that can be told without folding any part; `nil` otherwise.
  func literalRanges(of query: SearchQuery) -> [TextRange]? {
    guard text.count == folded.count else { return nil }
    let isPlain = text.allSatisfy(\.isASCII)
    let length = query.folded.unicodeScalars.count
    let matches = matches(of: query)
    // A stretch that is the query letter by letter folds to it.
    guard isPlain || matches.allSatisfy({ text[$0] == folded[$0] }) else { return nil }
    return matches.map { TextRange(start: $0.lowerBound, length: length) }
  }

  /// Where the query stands.
  ///
  /// - Parameter fold: the folded form of each grapheme cluster of the text.
  func ranges(of query: SearchQuery, fold: (Character) -> String?) -> [TextRange] {
    let origins = origins(fold)
    var ranges: [TextRange] = []
    for match in matches(of: query) {
      let (first, last) = (origins[match.lowerBound], origins[match.upperBound - 1])
      let (start, end) = (
        min(first.lowerBound, last.lowerBound), max(first.upperBound, last.upperBound)
      )
      // Two matches may come from one character, such as the letters of a ligature.
      if let before = ranges.last, before.start + before.length > start {
        ranges.removeLast()
        ranges.append(
          TextRange(
            start: before.start, length: max(end, before.start + before.length) - before.start))
      } else {
        ranges.append(TextRange(start: start, length: end - start))
      }
    }
    return ranges
  }

  /// Which stretch of the text each folded scalar comes from.
  private func origins(_ fold: (Character) -> String?) -> [Range<Int>] {
    var (parts, pieces): ([Range<Int>], [Unicode.Scalar]) = ([], [])
    var start = 0
    for character in String(String.UnicodeScalarView(text)) {
      let end = start + character.unicodeScalars.count
      for scalar in (fold(character) ?? String(character)).unicodeScalars {
        parts.append(start..<end)
        pieces.append(scalar)
      }
      start = end
    }
    if pieces == folded { return parts }
    let head = zip(pieces, folded).prefix { $0 == $1 }.count
    let room = min(pieces.count, folded.count) - head
    let foot = zip(pieces.reversed(), folded.reversed()).prefix(room).prefix { $0 == $1 }.count
    let between = parts[head..<parts.count - foot]
    // Where something was only added, it comes from what stands before, or else behind.
    let neighbour = head > 0 ? parts[head - 1] : parts.first ?? 0..<text.count
    let lump = (between.first ?? neighbour).lowerBound..<(between.last ?? neighbour).upperBound
    return Array(parts[..<head])
      + Array(repeating: lump, count: folded.count - head - foot)
      + Array(parts[(parts.count - foot)...])
  }

  /// Where the query stands in the folded text, from left to right without overlaps.
  private func matches(of query: SearchQuery) -> [Range<Int>] {
    let wanted = Array(query.folded.unicodeScalars)
    var (matches, index): ([Range<Int>], Int) = ([], 0)
    while index + wanted.count <= folded.count {
      if folded[index] == wanted[0], folded[index..<index + wanted.count].elementsEqual(wanted) {
        matches.append(index..<index + wanted.count)
        index += wanted.count
      } else {
        index += 1
      }
    }
    return matches
  }
}
