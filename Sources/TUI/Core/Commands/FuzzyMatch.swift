/// How well a pattern fits a name: `nil` unless all its characters occur in order; higher is better.
///
/// Runs and the starts of words count more, and shorter names win among equals, so that `li` finds
/// `李雷 li` by its word and `bob` before `bobby`. Both sides are compared without regard to case and
/// width.
func fuzzyScore(_ pattern: String, in name: String) -> Int? {
  let (pattern, name) = (pattern.searchFolded, name.searchFolded)
  // Most names are ASCII, and there may be ten thousand of them for one key.
  if pattern.utf8.allSatisfy({ $0 < 0x80 }), name.utf8.allSatisfy({ $0 < 0x80 }) {
    return score(
      pattern.utf8.filter { $0 != UInt8(ascii: " ") }, in: Array(name.utf8),
      isWordPart: \.isASCIIAlphanumeric)
  }
  return score(
    pattern.filter { !$0.isWhitespace }, in: Array(name),
    isWordPart: { $0.isLetter || $0.isNumber })
}

private func score<Element: Equatable>(
  _ pattern: some Sequence<Element>, in name: [Element], isWordPart: (Element) -> Bool
) -> Int? {
  var score = 0
  var position = 0
  var isRun = false
  for wanted in pattern {
    guard let found = name[position...].firstIndex(of: wanted) else { return nil }
    let startsWord = found == 0 || !isWordPart(name[found - 1])
    score += 1 + (isRun && found == position ? 4 : 0) + (startsWord ? 3 : 0)
    position = found + 1
    isRun = true
  }
  return score * 100 - name.count
}

extension UInt8 {
  fileprivate var isASCIIAlphanumeric: Bool {
    (0x30...0x39).contains(self) || (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self)
  }
}

extension String {
  /// The text as names are compared: in lower case, and full-width forms of ASCII, as Chinese input
  /// methods type them, in their usual width. Names themselves are NFKC already.
  var searchFolded: String {
    guard !utf8.allSatisfy({ $0 < 0x80 }) else { return lowercased() }
    var scalars = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar.value {
      // The block "Halfwidth and Fullwidth Forms" has ASCII in its order.
      case 0xFF01...0xFF5E: scalars.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
      case 0x3000: scalars.append(" ")
      default: scalars.append(scalar)
      }
    }
    return String(scalars).lowercased()
  }
}
