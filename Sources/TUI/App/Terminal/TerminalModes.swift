import FoundationEssentials

/// The modes that Martlet asks of the terminal beyond those of curses, and the sequences for what
/// curses has no word for. Terminals ignore the modes they do not know.
///
/// Source: xterm's ctlseqs. They are written directly because terminfo lacks them where they matter:
/// tmux-256color describes no SGR mouse, and no entry describes focus events.
enum TerminalModes {
  /// Bracketed paste, focus events, mouse buttons, mouse reports as SGR.
  static let enter = "\u{1B}[?2004h\u{1B}[?1004h\u{1B}[?1000h\u{1B}[?1006h"
  /// The same off again, last on first off.
  static let leave = "\u{1B}[?1006l\u{1B}[?1000l\u{1B}[?1004l\u{1B}[?2004l"
  /// What must be undone after a crash when terminfo says nothing better: attributes off, cursor on,
  /// main screen.
  static let fallbackRestore = "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l\u{1B}[?1l\u{1B}>"

  /// Terminals that take `ESC ] 2` for their title rather than print it.
  static func hasTitle(term: String) -> Bool {
    let families = [
      "xterm", "tmux", "screen", "rxvt", "alacritty", "foot", "kitty", "wezterm", "st-", "konsole",
      "gnome", "vte", "contour", "ghostty",
    ]
    return families.contains { term.hasPrefix($0) }
  }

  /// Sets the window's title.
  static func title(_ text: String) -> String {
    // A control code would end the sequence early and let the rest act on the terminal.
    let safe = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
    return "\u{1B}]2;\(String(String.UnicodeScalarView(safe)))\u{1B}\\"
  }

  /// Puts a text on the clipboard (`OSC 52` of xterm's ctlseqs), where the terminal allows it.
  static func copy(_ text: String) -> String {
    "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{7}"
  }
}
