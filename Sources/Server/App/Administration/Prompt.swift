import Glibc
import MartletProtocol

/// What is typed where nobody may look over a shoulder.
enum Prompt {
  /// A password: from a terminal twice, without showing it; else the first line of standard input.
  static func password(for name: String) throws(OperatorError) -> String {
    guard isatty(STDIN_FILENO) == 1 else { return try line() }
    let first = try hidden("Password for \(name.asLogLine): ")
    guard try hidden("Once more: ") == first else {
      throw OperatorError("The two are not the same; nothing was changed.")
    }
    return first
  }

  /// Asks for a yes, if there is somebody to ask.
  static func confirm(_ question: String) throws(OperatorError) {
    guard isatty(STDIN_FILENO) == 1 else {
      throw OperatorError("This cannot be undone: say --yes.")
    }
    say("\(question) Type yes: ")
    guard try line() == "yes" else { throw OperatorError("Nothing was changed.") }
  }

  private static func hidden(_ prompt: String) throws(OperatorError) -> String {
    say(prompt)
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      say("\n")
    }
    return try line()
  }

  private static func line() throws(OperatorError) -> String {
    guard let line = readLine() else { throw OperatorError("Nothing was typed.") }
    return line
  }

  /// Not on standard output, which may be a file.
  private static func say(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
