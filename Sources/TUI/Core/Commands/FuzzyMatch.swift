/// How well a pattern fits a name: `nil` unless all its characters occur in order; higher is better.
///
/// Runs and the starts of words count more, and shorter names win among equals, so that `li` finds
/// `李雷 li` by its word and `bob` before `bobby`. Both sides are compared without regard to case.
func fuzzyScore(_ pattern: String, in name: String) -> Int? {
  let name = Array(name.lowercased())
  var score = 0
  var position = 0
  var isRun = false
  for wanted in pattern.lowercased() where !wanted.isWhitespace {
    guard let found = name[position...].firstIndex(of: wanted) else { return nil }
    let startsWord = found == 0 || !(name[found - 1].isLetter || name[found - 1].isNumber)
    score += 1 + (isRun && found == position ? 4 : 0) + (startsWord ? 3 : 0)
    position = found + 1
    isRun = true
  }
  return score * 100 - name.count
}
