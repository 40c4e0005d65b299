import Glibc
import Testing

@testable import TUIApp

/// The built client in a pseudo-terminal of its own.
final class PseudoTerminal {
  /// How long anything may take before the test gives up on it.
  private static let patience = Duration.seconds(20)

  /// Everything that the client has written, as bytes.
  private(set) var output: [UInt8] = []
  private let controller: Int32
  private let terminal: Int32
  private let process: pid_t
  private var status: Int32?

  /// Starts the client.
  init(arguments: [String], environment: [String: String]) throws {
    // The client must not hold the controller: nobody would ever see that it hung up.
    let controller = try SystemError.check("open /dev/ptmx") {
      open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    }
    var unlocked: Int32 = 0
    try SystemError.check("TIOCSPTLCK") { ioctl(controller, Self.setLock, &unlocked) }
    var number: UInt32 = 0
    try SystemError.check("TIOCGPTN") { ioctl(controller, Self.getNumber, &number) }
    let path = "/dev/pts/\(number)"
    // Kept open, so that its settings can be read after the client is gone.
    let terminal = try SystemError.check("open \(path)") {
      open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    }
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    try SystemError.check("TIOCSWINSZ") { ioctl(controller, UInt(TIOCSWINSZ), &size) }
    self.controller = controller
    self.terminal = terminal

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The leader of a new session that opens a terminal gets it for its own.
    posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(Self.newSession))

    let binary = try Self.binary()
    var argv = ([binary] + arguments).map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, binary, &actions, &attributes, &argv, &envp)
    guard code == 0 else { throw SystemError(call: "posix_spawn", code: code) }
    process = child
  }

  deinit {
    if status == nil {
      Glibc.kill(process, SIGKILL)
      var ignored: Int32 = 0
      waitpid(process, &ignored, 0)
    }
    close(controller)
    close(terminal)
  }

  /// Reads until the client has written something.
  func wait(for text: String) throws {
    let wanted = Array(text.utf8)
    let deadline = ContinuousClock.now + Self.patience
    while output.firstRange(of: wanted) == nil {
      try #require(
        ContinuousClock.now < deadline, "no \(text.debugDescription) in \(transcript)")
      try #require(readSome(), "the client ended without \(text.debugDescription): \(transcript)")
    }
  }

  /// Waits for the end of the client, and returns its wait status.
  func waitForEnd() throws -> Int32 {
    let deadline = ContinuousClock.now + Self.patience
    while true {
      var status: Int32 = 0
      if waitpid(process, &status, WNOHANG) == process {
        self.status = status
        // What it wrote last may still be in the terminal.
        while readSome(timeout: 0) {}
        return status
      }
      try #require(ContinuousClock.now < deadline, "the client does not end: \(transcript)")
      _ = readSome(timeout: 20)
    }
  }

  func type(_ text: String) throws { try writeAll(text.utf8, to: controller) }

  func signal(_ number: Int32) { Glibc.kill(process, number) }

  /// The line settings as they are now: canonical input and echo.
  var isCooked: Bool {
    var settings = termios()
    guard tcgetattr(terminal, &settings) == 0 else { return false }
    return settings.c_lflag & tcflag_t(ICANON) != 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }

  /// The output for people, escapes visible.
  var transcript: String { String(decoding: output, as: UTF8.self).debugDescription }

  private func readSome(timeout: Int32 = 1000) -> Bool {
    var descriptor = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, timeout) > 0 else { return timeout > 0 }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(controller, &buffer, buffer.count)
    guard count > 0 else { return false }
    output += buffer[..<count]
    return true
  }

  /// The client was built beside the test bundle, which is the program that runs or one of its
  /// arguments.
  private static func binary() throws -> String {
    let candidates = CommandLine.arguments.compactMap { argument in
      argument.lastIndex(of: "/").map { "\(argument[..<$0])/martlet" }
    }
    return try #require(
      candidates.first { access($0, X_OK) == 0 }, "there is no martlet beside the test bundle")
  }

  /// `POSIX_SPAWN_SETSID`, which glibc declares for `_GNU_SOURCE` only.
  private static let newSession = 0x80
  /// `TIOCSPTLCK` and `TIOCGPTN`, what `unlockpt` and `ptsname` are made of; neither these nor those
  /// are imported.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430
}
