/// Texts on one line, without tabs: the escapes of PostgreSQL's COPY, so that a journal and a dump of
/// the database write the same text in the same way.
enum EscapedText {
  private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
    "\\": "\\", "\n": "n", "\t": "t", "\r": "r", "\u{8}": "b", "\u{B}": "v", "\u{C}": "f",
  ]
  private static let meanings = Dictionary(uniqueKeysWithValues: escapes.map { ($1, $0) })

  /// The text on one line.
  static func escape(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let letter = escapes[scalar] {
        escaped.append("\\")
        escaped.append(letter)
      } else {
        escaped.append(scalar)
      }
    }
    return String(escaped)
  }

  /// The text that was escaped; `nil` when there is an escape that nobody writes.
  static func unescape(_ escaped: some StringProtocol) -> String? {
    var text = String.UnicodeScalarView()
    var scalars = escaped.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "\\" else {
        text.append(scalar)
        continue
      }
      guard let letter = scalars.next(), let meaning = meanings[letter] else { return nil }
      text.append(meaning)
    }
    return String(text)
  }
}
