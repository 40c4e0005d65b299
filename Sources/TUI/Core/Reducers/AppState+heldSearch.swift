import MartletProtocol

// Searching without a connection: among the messages held, until there is one.
extension AppState {
  /// Looks through what is held of the open conversation, if the server cannot.
  mutating func searchHeld() {
    guard !isOnline, let open = chat.open, let results = chat.search?.results,
      !results.isComplete, results.hits.isEmpty
    else { return }
    let pattern = FoldedText(results.query)
    let messages = chat[open].timeline.messages
    let hits = messages.reversed().lazy.compactMap { message -> SearchHit? in
      let ranges = FoldedText(message.text).ranges(of: pattern)
      return ranges.isEmpty ? nil : SearchHit(message: message, ranges: ranges)
    }
    chat.search?.results?.fill(fromHeld: Array(hits.prefix(Self.maximumHeldHits)))
  }

  /// There is a connection: what was found without one is looked for anew.
  mutating func endHeldSearch() {
    guard let results = chat.search?.results, results.isOfHeld else { return }
    let selected = chat.search?.selectedHit?.message.sequence
    chat.search?.wanted = selected
    chat.search?.results = SearchResults(query: results.query)
    chat.search?.selected = 0
  }

  private static let maximumHeldHits = 1000
}

/// A text without differences of case, and where each part of it came from.
struct FoldedText: Hashable, Sendable {
  private var scalars: [Unicode.Scalar] = []
  /// For each scalar, the character it belongs to as a range of scalars of the text.
  private var origins: [Range<Int>] = []

  init(_ text: String) {
    var offset = 0
    for character in text {
      let end = offset + character.unicodeScalars.count
      for scalar in String(character).searchFolded.unicodeScalars {
        scalars.append(scalar)
        origins.append(offset..<end)
      }
      offset = end
    }
  }

  /// Where another stands in it, in ascending order and without overlaps.
  func ranges(of pattern: FoldedText) -> [TextRange] {
    let length = pattern.scalars.count
    guard length > 0, scalars.count >= length else { return [] }
    var ranges: [TextRange] = []
    var start = 0
    while start <= scalars.count - length {
      guard scalars[start..<start + length].elementsEqual(pattern.scalars) else {
        start += 1
        continue
      }
      let lower = origins[start].lowerBound
      let upper = origins[start + length - 1].upperBound
      ranges.append(TextRange(start: lower, length: upper - lower))
      start += length
    }
    return ranges
  }
}
