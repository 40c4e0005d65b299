extension Canvas {
  /// The screen as literal text for tests and for people: every row, below it its styles where it has
  /// any, one letter per cell, and at the end what the letters stand for.
  ///
  /// Trailing spaces are kept visible by the bars at both ends.
  public var snapshot: String {
    var letters: [Style: Character] = [:]
    var legend: [String] = []
    var lines: [String] = []
    for row in 0..<size.rows {
      lines.append("|\(text(ofRow: row))|")
      let styles = String(
        self.row(row).map { cell in
          guard cell.style != .plain else { return " " }
          if let letter = letters[cell.style] { return letter }
          let letter = Self.letter(letters.count)
          letters[cell.style] = letter
          legend.append("\(letter) = \(cell.style.summary)")
          return letter
        })
      if styles.contains(where: { $0 != " " }) { lines.append(":\(styles):") }
    }
    let place = cursor.map { "row \($0.row), column \($0.column)" } ?? "hidden"
    let head = "\(size.columns)x\(size.rows), cursor: \(place)"
    return ([head] + lines + legend).joined(separator: "\n") + "\n"
  }

  /// The characters of one row, wide ones once, without styles.
  public func text(ofRow row: Int) -> String {
    var scalars = String.UnicodeScalarView()
    for cell in self.row(row) { scalars.append(contentsOf: cell.glyph?.scalars ?? []) }
    return String(scalars)
  }

  private static func letter(_ index: Int) -> Character {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return alphabet[index % alphabet.count]
  }
}

extension Style {
  fileprivate var summary: String {
    var words: [String] = []
    if foreground != .standard { words.append("\(foreground)") }
    if background != .standard { words.append("on \(background)") }
    if attributes.contains(.bold) { words.append("bold") }
    if attributes.contains(.dim) { words.append("dim") }
    if attributes.contains(.reverse) { words.append("reverse") }
    if attributes.contains(.underline) { words.append("underline") }
    return words.joined(separator: " ")
  }
}
