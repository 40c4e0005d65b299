/// A text being written, and its caret, edited by user-perceived character.
struct TextEditor: Hashable, Sendable {
  /// The text, one element per grapheme cluster.
  private(set) var characters: [Character] = []
  /// The caret stands in front of this element; at the end it equals the count.
  private(set) var caret = 0
  /// What the last kill took, for `yank`.
  private(set) var killed = ""

  private let allowsNewlines: Bool
  /// Whether the last edit was a kill: the next one then adds to `killed`, as in readline.
  private var isKilling = false

  /// The most that an editor takes, in bytes of UTF-8: it is measured anew for every frame.
  static let maximumBytes = 64 * 1024

  init(_ text: String = "", allowsNewlines: Bool = true) {
    self.allowsNewlines = allowsNewlines
    replace(with: text)
  }

  var text: String { String(characters) }
  var isEmpty: Bool { characters.isEmpty }

  /// Whether `text` can be inserted without outgrowing `maximumBytes`.
  func hasRoom(for text: String) -> Bool {
    self.text.utf8.count + text.utf8.count <= Self.maximumBytes
  }

  /// Puts another text in place of this one, the caret behind it.
  mutating func replace(with text: String) {
    characters = Array(cleaned(text))
    caret = characters.count
  }

  /// Moves the caret, held within the text.
  mutating func moveCaret(to position: Int) {
    caret = min(max(0, position), characters.count)
    isKilling = false
  }

  /// Inserts text at the caret; without room for it nothing happens.
  mutating func insert(_ text: String) {
    isKilling = false
    guard hasRoom(for: text) else { return }
    replaceSubrange(caret..<caret, with: cleaned(text))
  }

  /// Whether a text stands directly before the caret, as it does once it has been inserted.
  func isCaretBehind(_ text: String) -> Bool {
    characters[..<caret].suffix(cleaned(text).count).elementsEqual(cleaned(text))
  }

  /// Takes a text out again that stands directly before the caret.
  mutating func removeBeforeCaret(_ text: String) {
    guard isCaretBehind(text) else { return }
    replaceSubrange(caret - cleaned(text).count..<caret, with: "")
  }

  /// Carries out one editing command.
  mutating func perform(_ edit: Edit) {
    let wasKilling = isKilling
    isKilling = false
    switch edit {
    case .newline: if allowsNewlines { insert("\n") }
    case .backspace: if caret > 0 { replaceSubrange(caret - 1..<caret, with: "") }
    case .deleteForward:
      if caret < characters.count { replaceSubrange(caret..<caret + 1, with: "") }
    case .left: caret = max(0, caret - 1)
    case .right: caret = min(characters.count, caret + 1)
    case .wordLeft: caret = startOfWord
    case .wordRight: caret = endOfWord
    case .lineStart: caret = startOfLine
    case .lineEnd: caret = endOfLine
    case .killToLineEnd:
      // At the end of a line the newline itself goes, so that repeated kills get on.
      let end = endOfLine == caret ? min(caret + 1, characters.count) : endOfLine
      kill(caret..<end, appending: wasKilling)
    case .killToLineStart: kill(startOfLine..<caret, prepending: wasKilling)
    case .killWordLeft: kill(startOfWord..<caret, prepending: wasKilling)
    case .killWordRight: kill(caret..<endOfWord, appending: wasKilling)
    case .yank: insert(killed)
    }
  }

  private mutating func kill(
    _ range: Range<Int>, appending: Bool = false, prepending: Bool = false
  ) {
    isKilling = true
    guard !range.isEmpty else { return }
    let taken = String(characters[range])
    killed = appending ? killed + taken : prepending ? taken + killed : taken
    replaceSubrange(range, with: "")
  }

  /// Replaces elements and puts the caret behind the new text.
  ///
  /// Neighbours can grow together (a letter and a pasted accent, two regional indicators), so unless
  /// all is ASCII the whole text is cut into clusters anew.
  private mutating func replaceSubrange(_ range: Range<Int>, with text: String) {
    let neighbours =
      characters[max(0, range.lowerBound - 1)..<range.lowerBound]
      + characters[range.upperBound..<min(range.upperBound + 1, characters.count)]
    let isSimple = text.utf8.allSatisfy { $0 < 0x80 } && neighbours.allSatisfy(\.isASCII)
    if isSimple {
      let inserted = Array(text)
      characters.replaceSubrange(range, with: inserted)
      caret = range.lowerBound + inserted.count
      return
    }
    let head = String(characters[..<range.lowerBound]) + text
    let tail = String(characters[range.upperBound...])
    let length = head.unicodeScalars.count
    characters = Array(head + tail)
    caret = position(afterScalars: length)
  }

  /// The first position with at least so many scalars in front of it.
  private func position(afterScalars count: Int) -> Int {
    var passed = 0
    for (position, character) in characters.enumerated() {
      if passed >= count { return position }
      passed += character.unicodeScalars.count
    }
    return characters.count
  }

  /// Line ends as `\n`, or as spaces where there is one line only, and no other control characters but
  /// tabs: they can only come from a paste, and no server takes them. The line end that comes with a
  /// line that was copied whole is no part of a name or a password.
  private func cleaned(_ text: String) -> String {
    let newline: Character = allowsNewlines ? "\n" : " "
    let end = allowsNewlines ? nil : text.lastIndex { !$0.isNewline }.map(text.index(after:))
    return String(
      text[..<(end ?? text.endIndex)].compactMap { character in
        switch character {
        case "\r\n", "\r", "\n": newline
        case "\t": character
        case _ where character.unicodeScalars.first?.properties.generalCategory == .control: nil
        default: character
        }
      })
  }

  private var startOfLine: Int {
    characters[..<caret].lastIndex(of: "\n").map { $0 + 1 } ?? 0
  }

  private var endOfLine: Int { characters[caret...].firstIndex(of: "\n") ?? characters.count }

  private var startOfWord: Int {
    var position = caret
    while position > 0, WordKind(characters[position - 1]) == .blank { position -= 1 }
    guard position > 0 else { return 0 }
    let kind = WordKind(characters[position - 1])
    while position > 0, WordKind(characters[position - 1]) == kind { position -= 1 }
    return position
  }

  private var endOfWord: Int {
    var position = caret
    while position < characters.count, WordKind(characters[position]) == .blank { position += 1 }
    guard position < characters.count else { return position }
    let kind = WordKind(characters[position])
    while position < characters.count, WordKind(characters[position]) == kind { position += 1 }
    return position
  }
}

/// The editing commands that need no knowledge of the screen.
enum Edit: Hashable, Sendable {
  case newline, backspace, deleteForward
  case left, right, wordLeft, wordRight, lineStart, lineEnd
  case killToLineEnd, killToLineStart, killWordLeft, killWordRight, yank
}

/// What makes up a word for moving and killing: a run of one kind. Chinese has no spaces, so a run of
/// Han characters ends at its punctuation.
private enum WordKind {
  case blank, word, ideographs, punctuation

  init(_ character: Character) {
    guard let first = character.unicodeScalars.first else {
      self = .blank
      return
    }
    switch LineBreakClass(of: first) {
    case .newline, .space: self = .blank
    case .word: self = .word
    case .ideograph: self = .ideographs
    case .opening(fullWidth: true), .closing(fullWidth: true), .dash: self = .punctuation
    // ASCII punctuation belongs to its word, so that a kill takes all of `it's` or of a path.
    case .opening(fullWidth: false), .closing(fullWidth: false): self = .word
    }
  }
}
