/// Reads what a program such as `chafa` prints, lines of characters and colours, into cells.
///
/// What is read comes from a program that has read a file from somebody else: nothing of it reaches the
/// terminal but characters of a short list and colour numbers. Every other sequence, control or
/// character is dropped or stands as a space.
struct PictureParser {
  private enum State {
    case text
    case escape
    /// Inside `ESC [`: the parameters so far; `nil` when they cannot be those of a colour.
    case control(parameters: [UInt8]?)
    /// Inside a string such as `ESC ]`, up to its end.
    case string
    case stringEscape
    /// Behind the last row.
    case done
  }

  /// Parameters longer than this are of no colour.
  private static let maximumParameters = 64

  private let size: Size
  private let usesASCII: Bool
  private var state = State.text
  private var rows: [[Picture.Cell]] = [[]]
  private var style = Style.plain
  private var isInverse = false

  private init(size: Size, usesASCII: Bool) {
    self.size = size
    self.usesASCII = usesASCII
  }

  /// The picture, cut to the size that was asked for.
  static func picture(from output: some Sequence<UInt8>, request: PictureRequest) -> Picture {
    var parser = PictureParser(size: request.size, usesASCII: request.usesASCII)
    for scalar in String(decoding: Array(output), as: UTF8.self).unicodeScalars {
      parser.take(scalar)
    }
    var rows = parser.rows
    while rows.last?.isEmpty == true { rows.removeLast() }
    return Picture(rows: rows)
  }

  private mutating func take(_ scalar: Unicode.Scalar) {
    switch state {
    case .text: takeText(scalar)
    case .escape:
      switch scalar {
      case "[": state = .control(parameters: [])
      case "]", "P", "X", "^", "_": state = .string
      // Intermediate bytes: the sequence goes on.
      case " "..."/": break
      case _: state = .text
      }
    case .control(let parameters):
      switch scalar.value {
      case 0x20...0x3F:
        let isOfColour = (0x30...0x39).contains(scalar.value) || scalar == ";"
        let known = (parameters?.count ?? 0) < Self.maximumParameters
        state = .control(
          parameters: isOfColour && known
            ? parameters.map { $0 + [UInt8(scalar.value)] } : nil)
      case 0x40...0x7E:
        state = .text
        if scalar == "m", let parameters { apply(parameters) }
      case _: state = scalar == "\u{1B}" ? .escape : .text
      }
    case .string:
      switch scalar {
      case "\u{1B}": state = .stringEscape
      case "\u{7}", "\u{9C}": state = .text
      case _: break
      }
    case .done: break
    case .stringEscape: state = scalar == "\u{1B}" ? .stringEscape : .text
    }
  }

  private mutating func takeText(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\u{1B}": state = .escape
    case "\n": if rows.count < size.rows { rows.append([]) } else { state = .done }
    case _ where scalar.properties.generalCategory == .control: break
    case _:
      guard rows[rows.count - 1].count < size.columns else { return }
      var shown = style
      if isInverse { swap(&shown.foreground, &shown.background) }
      // Without colours of its own, what is turned around needs the terminal to do it.
      if isInverse, style.foreground == style.background { shown.attributes.insert(.reverse) }
      rows[rows.count - 1].append(
        Picture.Cell(character: isAllowed(scalar) ? Character(scalar) : " ", style: shown))
    }
  }

  /// The characters that pictures are made of.
  private func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    if usesASCII { return (0x20...0x7E).contains(scalar.value) }
    return switch scalar {
    case " ", "\u{2580}", "\u{2584}", "\u{2588}": true
    case _: false
    }
  }

  /// Sets the colours that SGR numbers name (ECMA-48, section 8.3.117, and ISO 8613-6 for 38 and 48).
  private mutating func apply(_ parameters: [UInt8]) {
    var numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { $0.isEmpty ? 0 : Int(String(decoding: $0, as: UTF8.self)) ?? -1 }[...]
    while let number = numbers.popFirst() {
      switch number {
      case 0:
        style = .plain
        isInverse = false
      case 7: isInverse = true
      case 27: isInverse = false
      case 30...37: style.foreground = .indexed(UInt8(number - 30))
      case 39: style.foreground = .standard
      case 40...47: style.background = .indexed(UInt8(number - 40))
      case 49: style.background = .standard
      case 90...97: style.foreground = .indexed(UInt8(number - 82))
      case 100...107: style.background = .indexed(UInt8(number - 92))
      case 38, 48:
        switch numbers.popFirst() {
        case 5:
          guard let index = numbers.popFirst().flatMap({ UInt8(exactly: $0) }) else { return }
          if number == 38 {
            style.foreground = .indexed(index)
          } else {
            style.background = .indexed(index)
          }
        case 2: numbers = numbers.dropFirst(3)
        case _: return
        }
      case _: break
      }
    }
  }
}
