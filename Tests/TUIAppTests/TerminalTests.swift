import Glibc
import Testing

@testable import TUIApp

/// The real client in a real pseudo-terminal, without a server.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct TerminalTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test func terminalIsTakenOverAndGivenBackOnTermination() throws {
    let terminal = try start()
    try terminal.wait(for: "\u{1B}[?1049h")
    try terminal.wait(for: TerminalModes.enter)
    #expect(!terminal.isCooked)
    terminal.signal(SIGTERM)
    #expect(try terminal.waitForEnd() == 0)
    expectGivenBack(terminal)
  }

  @Test func hangUpEndsCleanly() throws {
    let terminal = try start()
    try terminal.wait(for: TerminalModes.enter)
    terminal.signal(SIGHUP)
    #expect(try terminal.waitForEnd() == 0)
    expectGivenBack(terminal)
  }

  @Test(arguments: [SIGSEGV, SIGABRT, SIGILL])
  func terminalIsGivenBackAfterACrash(number: Int32) throws {
    let terminal = try start()
    try terminal.wait(for: TerminalModes.enter)
    terminal.signal(number)
    // Killed by that very signal, so that whoever started it knows.
    #expect(try terminal.waitForEnd() & 0x7F == number)
    expectGivenBack(terminal)
  }

  @Test func profileIsTakenAtStartWithoutLettingOthersIn() throws {
    let terminal = try start()
    try terminal.wait(for: TerminalModes.enter)
    #expect(try directory.mode(of: "martlet/profiles/default") == 0o700)
    // The same command again is a client of its own.
    let second = try start()
    try second.wait(for: TerminalModes.enter)
    #expect(try directory.mode(of: "martlet/profiles/default-2") == 0o700)
    terminal.signal(SIGTERM)
    second.signal(SIGTERM)
    #expect(try terminal.waitForEnd() == 0)
    #expect(try second.waitForEnd() == 0)
  }

  @Test func profileInUseIsAClearMessageAndNoTakenOverTerminal() throws {
    let first = try start(["--profile", "work"])
    try first.wait(for: TerminalModes.enter)
    let second = try start(["--profile", "work"])
    #expect(try second.waitForEnd() == 1 << 8)
    #expect(second.transcript.contains("in use by another martlet"))
    #expect(!second.transcript.contains("1049h"))
    first.signal(SIGTERM)
    #expect(try first.waitForEnd() == 0)
  }

  @Test func unknownTerminalIsAClearMessage() throws {
    let terminal = try start(environment: ["TERM": "no-such-terminal"])
    #expect(try terminal.waitForEnd() == 1 << 8)
    #expect(terminal.transcript.contains("is not known here"))
    #expect(terminal.isCooked)
  }

  @Test(arguments: ["C", "en_US.ISO-8859-1", ""])
  func localeThatIsNotUTF8DoesNotStopIt(locale: String) throws {
    let terminal = try start(environment: ["LC_ALL": locale])
    try terminal.wait(for: TerminalModes.enter)
    terminal.signal(SIGTERM)
    #expect(try terminal.waitForEnd() == 0)
  }

  @Test func keydumpSaysWhatComes() throws {
    let terminal = try start(["--keydump"])
    try terminal.wait(for: "Press keys")
    try terminal.type("\u{1B}[1;3A")
    try terminal.wait(for: "1b 5b 31 3b 33 41")
    try terminal.wait(for: "Alt-up")
    try terminal.type("\u{03}")
    try terminal.wait(for: "Control-c")
    try terminal.type("\u{03}")
    #expect(try terminal.waitForEnd() == 0)
    #expect(terminal.isCooked)
  }

  private func expectGivenBack(_ terminal: PseudoTerminal) {
    #expect(terminal.isCooked)
    for mode in ["?1049l", "?25h", "?2004l", "?1004l", "?1000l", "?1006l"] {
      #expect(terminal.transcript.contains(mode), "\(mode) is missing")
    }
  }

  private func start(_ arguments: [String] = [], environment: [String: String] = [:]) throws
    -> PseudoTerminal
  {
    let standard = [
      "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": directory.path,
      "HOME": directory.path,
      // Nothing listens on port 1.
      "MARTLET_SERVER": "ws://127.0.0.1:1", "SWIFT_BACKTRACE": "enable=no",
    ]
    return try PseudoTerminal(
      arguments: arguments, environment: standard.merging(environment) { $1 })
  }
}
