import CCurses
import Glibc
import TUICore

/// The terminal while it is ours: taken over by `init`, given back by ``end()``.
///
/// Curses is not thread-safe and keeps its state in globals. This class is deliberately not Sendable:
/// it is made on the thread of the loop and cannot leave it, which the compiler enforces.
final class CursesSession {
  /// The keys that terminfo knows, by the sequences they send.
  let keys: [[UInt8]: KeyEvent]
  /// What the terminal is called.
  let terminalName: String
  private let screen: OpaquePointer
  private var isActive = true

  /// Takes the terminal over.
  ///
  /// - Throws: ``StartError`` when standard input or output is no terminal, or one that curses does
  ///   not know.
  init(environment: [String: String]) throws(StartError) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
      throw StartError("A terminal is needed: the input or the output is redirected.")
    }
    terminalName = environment["TERM"] ?? ""
    var settings = termios()
    guard !terminalName.isEmpty, tcgetattr(STDIN_FILENO, &settings) == 0 else {
      throw StartError("The terminal has no type: set TERM, such as TERM=xterm-256color.")
    }
    guard let screen = cc_newterm() else {
      throw StartError(
        "The terminal type '\(terminalName)' is not known here: set TERM to one that is, such as "
          + "xterm-256color, or install its terminfo entry.")
    }
    self.screen = screen
    keys = TerminalKeys.table()
    let restore =
      TerminalModes.leave
      + (["sgr0", "cnorm", "rmkx", "rmcup"].compactMap(Self.capability).joined())
    CrashGuard.arm(
      settings: settings,
      restoring: Array((restore + TerminalModes.fallbackRestore).utf8))
    raw()
    noecho()
    nonl()
    keypad(cc_stdscr(), true)
    // Input is read elsewhere; curses must not look at it to put off drawing.
    typeahead(-1)
    set_escdelay(25)
    writeDirectly(TerminalModes.enter)
  }

  /// The terminal's size.
  static var windowSize: Size {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0,
      window.ws_row > 0
    else { return Size(columns: 80, rows: 24) }
    return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
  }

  /// Takes note of the terminal's new size and returns it.
  func resize() -> Size {
    let size = Self.windowSize
    resizeterm(Int32(size.rows), Int32(size.columns))
    return size
  }

  /// Writes a sequence past curses. Only between two updates of the screen, when nothing of curses'
  /// is on its way.
  func writeDirectly(_ text: String) {
    // A terminal that is gone is noticed when it is read from.
    try? writeAll(text.utf8, to: STDOUT_FILENO)
  }

  /// Sets the window's title, on terminals that have one.
  func setTitle(_ title: String) {
    if TerminalModes.hasTitle(term: terminalName) { writeDirectly(TerminalModes.title(title)) }
  }

  /// Puts a text on the clipboard, on terminals that have one.
  func copy(_ text: String) {
    if TerminalModes.hasTitle(term: terminalName) { writeDirectly(TerminalModes.copy(text)) }
  }

  func bell() { _ = CCurses.beep() }

  /// Gives the terminal back for a while, runs `body`, takes it again.
  func suspended(_ body: () -> Void) {
    writeDirectly(TerminalModes.leave)
    endwin()
    body()
    _ = resize()
    // The first update after `endwin` sets the terminal up again.
    clearok(cc_stdscr(), true)
    doupdate()
    writeDirectly(TerminalModes.enter)
  }

  /// Gives the terminal back for good.
  func end() {
    guard isActive else { return }
    isActive = false
    writeDirectly(TerminalModes.leave)
    endwin()
    CrashGuard.disarm()
    delscreen(screen)
  }

  static func capability(_ name: String) -> String? {
    cc_capability(name).map { String(cString: $0) }
  }
}
