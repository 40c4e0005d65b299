import TUICore

/// Turns what the terminal sends into input events.
///
/// It reads the bytes itself rather than through `wgetch`: curses hands over one byte at a time, has
/// no notion of pastes, and knows the mouse and the modified arrows only where terminfo does, which
/// under tmux is nowhere. The sequences are those of xterm's ctlseqs, which every terminal of today
/// follows, and whatever terminfo adds to them.
struct InputDecoder {
  /// The longest paste kept, in bytes; the rest of it is dropped. No message is longer.
  static let maximumPaste = 1 << 20
  /// The longest escape sequence; what is longer is noise.
  private static let maximumSequence = 64

  /// Keys by the whole sequence that stands for them, before anything else is tried.
  private let table: [[UInt8]: KeyEvent]
  /// Bytes that may be the beginning of something longer.
  private var held: [UInt8] = []
  /// The paste that is coming in, and how much of its end mark has been seen.
  private var paste: Paste?

  /// - Parameter table: The keys that terminfo knows, by their sequences.
  init(table: [[UInt8]: KeyEvent] = [:]) {
    self.table = table
  }

  /// Whether an escape has come of which nobody knows yet whether more follows. ``timeOut()`` is
  /// wanted if nothing does.
  var isWaiting: Bool { held.first == 0x1B && paste == nil }

  /// Takes the next bytes.
  mutating func decode(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
    var events: [InputEvent] = []
    if paste == nil, held.isEmpty {
      held = Array(bytes)
    } else if paste == nil {
      held += bytes
    } else {
      decodePaste(ArraySlice(Array(bytes)), into: &events)
    }
    decodeHeld(isFinal: false, into: &events)
    return events
  }

  /// Nothing more came: what was held back is what it looks like.
  mutating func timeOut() -> [InputEvent] {
    var events: [InputEvent] = []
    decodeHeld(isFinal: true, into: &events)
    return events
  }

  // MARK: Keys and text

  private mutating func decodeHeld(isFinal: Bool, into events: inout [InputEvent]) {
    var input = ArraySlice(held)
    held = []
    while let byte = input.first {
      if byte >= 0x20, byte != 0x7F {
        guard decodeText(&input, into: &events) else {
          // The rest of a UTF-8 sequence is still on its way.
          if !isFinal { held = Array(input) }
          return
        }
        continue
      }
      guard byte == 0x1B else {
        events.append(.key(Self.control(byte)))
        input = input.dropFirst()
        continue
      }
      switch EscapeSequence.parse(input, isFinal: isFinal) {
      case .incomplete where input.count < Self.maximumSequence:
        held = Array(input)
        return
      case .incomplete: return
      case .complete(let sequence, let length):
        let raw = Array(input.prefix(length))
        input = input.dropFirst(length)
        guard sequence != .pasteStart else {
          paste = Paste()
          decodePaste(input, into: &events)
          input = ArraySlice(held)
          held = []
          continue
        }
        if let key = table[raw] {
          events.append(.key(key))
        } else if let event = sequence.event {
          events.append(event)
        }
      }
    }
  }

  /// Takes the run of printable text at the front, by characters, so that what an input method or an
  /// emoji picker composed stays in one piece. `false` when only the beginning of a character is left.
  private func decodeText(_ input: inout ArraySlice<UInt8>, into events: inout [InputEvent])
    -> Bool
  {
    let run = input.prefix { $0 >= 0x20 && $0 != 0x7F }
    var complete = run
    if run.endIndex == input.endIndex { complete = run.dropLast(UTF8Tail.missing(in: run)) }
    guard !complete.isEmpty else { return false }
    for character in String(decoding: complete, as: UTF8.self) {
      // What was not UTF-8 is not text, and a C1 control is not a key.
      guard let scalar = character.unicodeScalars.first, scalar != "\u{FFFD}",
        !(0x80...0x9F).contains(scalar.value)
      else { continue }
      events.append(.key(KeyEvent(.character(character))))
    }
    input = input[complete.endIndex...]
    return true
  }

  /// A control byte as ``KeyEvent`` names it.
  static func control(_ byte: UInt8) -> KeyEvent {
    switch byte {
    case 0x00: KeyEvent(.character(" "), .control)
    case 0x08, 0x7F: KeyEvent(.backspace)
    case 0x09: KeyEvent(.tab)
    case 0x0D: KeyEvent(.enter)
    case 0x1B: KeyEvent(.escape)
    case 0x1F: KeyEvent(.character("/"), .control)
    case 0x1C...0x1E: KeyEvent(.character(Character(Unicode.Scalar(byte + 0x40))), .control)
    case _: KeyEvent(.character(Character(Unicode.Scalar(byte + 0x60))), .control)
    }
  }

  // MARK: Pastes

  private struct Paste {
    var bytes: [UInt8] = []
    var matched = 0

    mutating func append(_ more: ArraySlice<UInt8>) {
      bytes += more.prefix(InputDecoder.maximumPaste - bytes.count)
    }
  }

  private static let pasteEnd = Array("\u{1B}[201~".utf8)

  /// Gathers a paste in bulk. What follows its end is held.
  private mutating func decodePaste(_ bytes: ArraySlice<UInt8>, into events: inout [InputEvent]) {
    guard var paste else { return }
    let end = Self.pasteEnd
    var rest = bytes
    while let byte = rest.first {
      if paste.matched > 0 {
        if byte == end[paste.matched] {
          paste.matched += 1
          rest = rest.dropFirst()
          if paste.matched == end.count {
            self.paste = nil
            events.append(.paste(String(decoding: paste.bytes, as: UTF8.self)))
            held = Array(rest)
            return
          }
        } else {
          // Not the end after all. Its mark has one escape only, at the front: no overlap.
          paste.append(end[..<paste.matched])
          paste.matched = 0
        }
        continue
      }
      let plain = rest.prefix { $0 != 0x1B }
      paste.append(plain)
      rest = rest[plain.endIndex...]
      if !rest.isEmpty {
        paste.matched = 1
        rest = rest.dropFirst()
      }
    }
    self.paste = paste
  }
}

/// The end of a text that has been cut anywhere.
private enum UTF8Tail {
  /// How many bytes at the end begin a character whose rest is missing.
  static func missing(in bytes: ArraySlice<UInt8>) -> Int {
    for (index, byte) in bytes.suffix(3).reversed().enumerated() {
      let length =
        switch byte {
        case 0x80...0xBF: 0
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
      if length == 0 { continue }
      return length > index + 1 ? index + 1 : 0
    }
    return 0
  }
}
