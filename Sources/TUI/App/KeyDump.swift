import Glibc
import TUICore

/// `--keydump`: what the terminal sends for each key, for whoever binds keys or reports a key that
/// does not work.
enum KeyDump {
  static func run() throws(StartError) {
    var settings = termios()
    guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else {
      throw StartError("A terminal is needed: the input is redirected.")
    }
    var raw = settings
    cfmakeraw(&raw)
    tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    CrashGuard.arm(settings: settings, restoring: Array(TerminalModes.leave.utf8))
    say(TerminalModes.enter)
    say("Press keys; control-c twice ends.\r\n")
    defer {
      say(TerminalModes.leave)
      tcsetattr(STDIN_FILENO, TCSANOW, &settings)
      CrashGuard.disarm()
    }

    var decoder = InputDecoder()
    var buffer = [UInt8](repeating: 0, count: 4096)
    var interrupts = 0
    while interrupts < 2 {
      var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      let ready = poll(&descriptor, 1, decoder.isWaiting ? 25 : -1)
      if ready == 0 {
        describe(decoder.timeOut())
        continue
      }
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      guard count > 0 else { return }
      say(hex(buffer[..<count]) + "\r\n")
      let events = decoder.decode(buffer[..<count])
      describe(events)
      let isInterrupt = events == [.key(KeyEvent(.character("c"), .control))]
      interrupts = isInterrupt ? interrupts + 1 : 0
    }
  }

  private static func describe(_ events: [InputEvent]) {
    for event in events { say("    \(event.words)\r\n") }
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined(separator: " ")
  }

  private static func say(_ text: String) {
    // A terminal that is gone ends the reading.
    try? writeAll(text.utf8, to: STDOUT_FILENO)
  }
}

extension InputEvent {
  /// The event for people; characters by number as well, as some look alike.
  fileprivate var words: String {
    switch self {
    case .key(let event):
      var words = ""
      if event.modifiers.contains(.control) { words += "Control-" }
      if event.modifiers.contains(.alt) { words += "Alt-" }
      if event.modifiers.contains(.shift) { words += "Shift-" }
      guard case .character(let character) = event.key else { return words + "\(event.key)" }
      let codes = character.unicodeScalars.map {
        "U+" + String($0.value, radix: 16, uppercase: true)
      }
      return "\(words)\(character)  (\(codes.joined(separator: " ")))"
    case .paste(let text): return "paste of \(text.utf8.count) bytes"
    case .mouse(let row, let column, let kind):
      return "mouse \(kind) at row \(row), column \(column)"
    case .focus(let isFocused): return isFocused ? "focus" : "no focus"
    }
  }
}
