import TUICore

/// What terminfo says that keys send. It matters for terminals that are not like xterm.
enum TerminalKeys {
  private static let names: [(String, KeyEvent)] = [
    ("kcuu1", KeyEvent(.up)), ("kcud1", KeyEvent(.down)), ("kcuf1", KeyEvent(.right)),
    ("kcub1", KeyEvent(.left)), ("khome", KeyEvent(.home)), ("kend", KeyEvent(.end)),
    ("kpp", KeyEvent(.pageUp)), ("knp", KeyEvent(.pageDown)), ("kich1", KeyEvent(.insert)),
    ("kdch1", KeyEvent(.delete)), ("kcbt", KeyEvent(.backTab)), ("kent", KeyEvent(.enter)),
    ("kUP3", KeyEvent(.up, .alt)), ("kDN3", KeyEvent(.down, .alt)),
    ("kRIT3", KeyEvent(.right, .alt)), ("kLFT3", KeyEvent(.left, .alt)),
    ("kUP5", KeyEvent(.up, .control)), ("kDN5", KeyEvent(.down, .control)),
    ("kRIT5", KeyEvent(.right, .control)), ("kLFT5", KeyEvent(.left, .control)),
    ("kri", KeyEvent(.up, .shift)), ("kind", KeyEvent(.down, .shift)),
    ("kRIT", KeyEvent(.right, .shift)), ("kLFT", KeyEvent(.left, .shift)),
  ]

  /// The keys of the present terminal by what they send, as far as that is an escape sequence.
  static func table() -> [[UInt8]: KeyEvent] {
    var table: [[UInt8]: KeyEvent] = [:]
    let functions = (1...12).map { ("kf\($0)", KeyEvent(.function($0))) }
    for (name, key) in names + functions {
      guard let text = CursesSession.capability(name) else { continue }
      let sequence = Array(text.utf8)
      // A single byte has its meaning already, and an escape alone begins everything else.
      if sequence.count > 1, sequence.first == 0x1B { table[sequence] = key }
    }
    return table
  }
}
