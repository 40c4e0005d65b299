import TUICore

/// One escape sequence from the terminal, as xterm's ctlseqs and ECMA-48 describe them.
enum EscapeSequence: Equatable {
  case key(KeyEvent)
  case mouse(row: Int, column: Int, kind: MouseKind)
  case focus(Bool)
  case pasteStart
  /// Well formed, and of no interest.
  case ignored

  enum Parsed: Equatable {
    /// More bytes are needed to tell.
    case incomplete
    case complete(EscapeSequence, length: Int)
  }

  /// What the input of the application is to know of it.
  var event: InputEvent? {
    switch self {
    case .key(let key): .key(key)
    case .mouse(let row, let column, let kind): .mouse(row: row, column: column, kind: kind)
    case .focus(let isFocused): .focus(isFocused)
    case .pasteStart, .ignored: nil
    }
  }

  /// Reads the sequence at the front of the input, whose first byte is an escape.
  ///
  /// - Parameter isFinal: Whether nothing more will come: a lone escape is then the key.
  static func parse(_ input: ArraySlice<UInt8>, isFinal: Bool) -> Parsed {
    let rest = input.dropFirst()
    guard let byte = rest.first else {
      return isFinal ? .complete(.key(KeyEvent(.escape)), length: 1) : .incomplete
    }
    switch byte {
    case UInt8(ascii: "["):
      if let parsed = controlSequence(rest.dropFirst(), length: 2) { return parsed }
    case UInt8(ascii: "O"):
      if let parsed = singleShift(rest.dropFirst()) { return parsed }
    case 0x1B:
      // Alt with a key that is a sequence of its own; two escapes are Alt-Escape.
      switch parse(rest, isFinal: isFinal) {
      case .incomplete: return .incomplete
      case .complete(.key(let key), let length):
        return .complete(.key(key.adding(.alt)), length: length + 1)
      case .complete(let other, let length): return .complete(other, length: length + 1)
      }
    default: return altered(rest)
    }
    // An introducer of which nothing followed is Alt with that character.
    return isFinal ? altered(rest) : .incomplete
  }

  /// Alt with a character or a control, which arrives as an escape in front of it.
  private static func altered(_ rest: ArraySlice<UInt8>) -> Parsed {
    guard let byte = rest.first else { return .incomplete }
    guard byte >= 0x20, byte != 0x7F else {
      return .complete(.key(InputDecoder.control(byte).adding(.alt)), length: 2)
    }
    let length =
      switch byte {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 1
      }
    guard rest.count >= length else { return .incomplete }
    guard let character = String(validating: rest.prefix(length), as: UTF8.self)?.first else {
      return .complete(.ignored, length: 2)
    }
    return .complete(.key(KeyEvent(.character(character), .alt)), length: 1 + length)
  }

  /// `ESC O x`: application keys and F1 to F4; some terminals put a modifier in front of the letter.
  private static func singleShift(_ rest: ArraySlice<UInt8>) -> Parsed? {
    guard let first = rest.first else { return nil }
    var letter = first
    var modifiers: KeyEvent.Modifiers = []
    var length = 3
    if (UInt8(ascii: "1")...UInt8(ascii: "8")).contains(first) {
      guard let second = rest.dropFirst().first else { return nil }
      modifiers = KeyEvent.Modifiers(parameter: Int(first - 0x30))
      letter = second
      length = 4
    }
    if letter == UInt8(ascii: "M") {
      return .complete(.key(KeyEvent(.enter, modifiers)), length: length)
    }
    guard let key = Self.letters[letter] else { return .complete(.ignored, length: length) }
    return .complete(.key(KeyEvent(key, modifiers)), length: length)
  }

  /// `ESC [ parameters letter`.
  private static func controlSequence(_ rest: ArraySlice<UInt8>, length introducer: Int) -> Parsed?
  {
    guard let first = rest.first else { return nil }
    if first == UInt8(ascii: "[") {
      // The Linux console's F1 to F5: ESC [ [ A.
      guard let letter = rest.dropFirst().first else { return nil }
      let number = Int(letter) - Int(UInt8(ascii: "A")) + 1
      let key: EscapeSequence =
        (1...5).contains(number) ? .key(KeyEvent(.function(number))) : .ignored
      return .complete(key, length: introducer + 2)
    }
    if first == UInt8(ascii: "M") {
      // The mouse as X10 reported it, which was not asked for: three bytes of anything.
      return rest.count >= 4 ? .complete(.ignored, length: introducer + 4) : nil
    }
    let parameters = rest.prefix { (0x20...0x3F).contains($0) || $0 == UInt8(ascii: "$") }
    guard let final = rest[parameters.endIndex...].first else { return nil }
    let length = introducer + parameters.count + 1
    guard (0x40...0x7E).contains(final) else {
      // Broken off by something else, which is not part of it.
      return .complete(.ignored, length: length - 1)
    }
    let text = String(decoding: parameters, as: UTF8.self)
    return .complete(meaning(of: text, final: final), length: length)
  }

  private static func meaning(of parameters: String, final: UInt8) -> EscapeSequence {
    if parameters.first == "<" { return mouse(String(parameters.dropFirst()), final: final) }
    // Answers to questions that nobody asked carry a mark of their own.
    guard parameters.first.map({ !"?>=".contains($0) }) ?? true else { return .ignored }
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false)
      .map { Int($0.prefix { $0 != ":" }) }
    let number = numbers.first.flatMap { $0 }
    let modifiers = KeyEvent.Modifiers(parameter: numbers.count > 1 ? numbers[1] ?? 1 : 1)
    switch final {
    case UInt8(ascii: "I"): return .focus(true)
    case UInt8(ascii: "O"): return .focus(false)
    case UInt8(ascii: "Z"): return .key(KeyEvent(.backTab))
    case UInt8(ascii: "u"): return .character(number, modifiers)
    case UInt8(ascii: "~"):
      switch number {
      case 200: return .pasteStart
      case 27?: return .character(numbers.count > 2 ? numbers[2] : nil, modifiers)
      case let number?: return tilde(number, modifiers)
      case nil: return .ignored
      }
    // rxvt writes its modifiers as the last character.
    case UInt8(ascii: "^"): return tilde(number ?? 0, .control)
    case UInt8(ascii: "$"): return tilde(number ?? 0, .shift)
    case UInt8(ascii: "@"): return tilde(number ?? 0, [.control, .shift])
    case UInt8(ascii: "a")...UInt8(ascii: "d") where parameters.isEmpty:
      guard let key = letters[final - 0x20] else { return .ignored }
      return .key(KeyEvent(key, .shift))
    default:
      guard let key = letters[final] else { return .ignored }
      return .key(KeyEvent(key, modifiers))
    }
  }

  private static func tilde(_ number: Int, _ modifiers: KeyEvent.Modifiers) -> EscapeSequence {
    let key: KeyEvent.Key
    switch number {
    case 1, 7: key = .home
    case 2: key = .insert
    case 3: key = .delete
    case 4, 8: key = .end
    case 5: key = .pageUp
    case 6: key = .pageDown
    // The numbers have gaps, as the function keys of a VT220 stood in groups.
    case 11...15: key = .function(number - 10)
    case 17...21: key = .function(number - 11)
    case 23...24: key = .function(number - 12)
    default: return .ignored
    }
    return .key(KeyEvent(key, modifiers))
  }

  /// A key as `modifyOtherKeys` and the kitty protocol write it: its character's number.
  private static func character(_ number: Int?, _ modifiers: KeyEvent.Modifiers) -> EscapeSequence {
    guard let number, let code = UInt32(exactly: number), let scalar = Unicode.Scalar(code),
      // Kitty's own keys lie in the Private Use Area.
      !(0xE000...0xF8FF).contains(code)
    else { return .ignored }
    if code < 0x20 || code == 0x7F {
      return .key(InputDecoder.control(UInt8(code)).adding(modifiers))
    }
    // Shift is in the character already, unless there is something else to tell it by.
    let kept = modifiers == .shift ? [] : modifiers
    return .key(KeyEvent(.character(Character(scalar)), kept))
  }

  /// `button ; column ; row` and `M` for press, `m` for release.
  private static func mouse(_ parameters: String, final: UInt8) -> EscapeSequence {
    let numbers = parameters.split(separator: ";").map { Int($0) }
    guard numbers.count == 3, let button = numbers[0], let column = numbers[1],
      let row = numbers[2], (1...10_000).contains(column), (1...10_000).contains(row)
    else { return .ignored }
    let kind: MouseKind
    // The bits of Shift, Alt and Control (4, 8, 16) do not change what the mouse did here.
    switch (button & ~0b11100, final) {
    case (0, UInt8(ascii: "M")): kind = .press
    case (0, UInt8(ascii: "m")): kind = .release
    case (64, UInt8(ascii: "M")): kind = .wheelUp
    case (65, UInt8(ascii: "M")): kind = .wheelDown
    default: return .ignored
    }
    return .mouse(row: row - 1, column: column - 1, kind: kind)
  }

  private static let letters: [UInt8: KeyEvent.Key] = [
    UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right,
    UInt8(ascii: "D"): .left, UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end,
    UInt8(ascii: "P"): .function(1), UInt8(ascii: "Q"): .function(2),
    UInt8(ascii: "R"): .function(3), UInt8(ascii: "S"): .function(4),
  ]
}

extension KeyEvent {
  func adding(_ modifiers: Modifiers) -> KeyEvent {
    KeyEvent(key, self.modifiers.union(modifiers))
  }
}

extension KeyEvent.Modifiers {
  /// xterm's modifier parameter: one more than the sum of Shift 1, Alt 2, Control 4 and Meta 8.
  init(parameter: Int) {
    let bits = max(1, parameter) - 1
    self = []
    if bits & 1 != 0 { insert(.shift) }
    if bits & 0b1010 != 0 { insert(.alt) }
    if bits & 4 != 0 { insert(.control) }
  }
}
