import FoundationEssentials
import Glibc

/// A real terminal of a given size with the real client in it: a session of a tmux server of the
/// tests' own.
actor Terminal {
  private static let socket = "martlet-test-\(ProcessInfo.processInfo.processIdentifier)"

  private let name: String
  private let stateDirectory: String
  private let server: String
  private let arguments: [String]
  private let environment: [String: String]

  /// Starts a client.
  ///
  /// - Parameters:
  ///   - stateDirectory: where the client keeps its state; two terminals may share it.
  ///   - arguments: further arguments for the client.
  ///   - environment: variables beside those of this process.
  init(
    _ name: String, server: String, stateDirectory: String, columns: Int = 80, rows: Int = 24,
    arguments: [String] = [], environment: [String: String] = [:], locale: String = "C.UTF-8"
  ) async throws {
    self.name = "\(name)-\(UInt32.random(in: 0 ... .max))"
    self.stateDirectory = stateDirectory
    self.server = server
    self.arguments = arguments
    self.environment = environment.merging([
      "XDG_STATE_HOME": stateDirectory, "LC_ALL": locale,
    ]) { _, own in own }
    try await Self.tmux(
      "-f", "/dev/null", "start-server", ";", "set-option", "-g", "remain-on-exit", "on", ";",
      "set-option", "-s", "escape-time", "0", ";",
      "new-session", "-d", "-s", self.name, "-x", "\(columns)", "-y", "\(rows)", try command())
    try await Machine.whenGone("tmux -L \(Self.socket) kill-server")
  }

  /// Starts the client again after it has ended.
  func launch() async throws {
    try await waitForEnd()
    try await Self.tmux("respawn-pane", "-t", name, try command())
  }

  /// Waits until the client has ended.
  func waitForEnd() async throws {
    try await Machine.eventually("the end of the client in \(name)") {
      let state = try await Self.tmux("display-message", "-p", "-t", name, "#{pane_dead}")
      return state.hasPrefix("1") ? () : nil
    }
  }

  private func command() throws -> String {
    let client = try Machine.executable("martlet")
    // By `env`, as tmux has its own idea of PATH.
    let variables = environment.map { "'\($0.key)=\($0.value)'" }
    return
      (["exec", "/usr/bin/env", "-u", "NO_COLOR"] + variables
      + [client, "--server", server] + arguments).joined(separator: " ")
  }

  /// Types text as a person would, any key names in it not looked at.
  func type(_ text: String) async throws {
    try await Self.tmux("send-keys", "-t", name, "-l", text)
  }

  /// Presses keys, named as tmux names them.
  func press(_ keys: String...) async throws {
    try await Self.tmux(["send-keys", "-t", name] + keys)
  }

  /// Tells the client that its terminal has the keyboard, or has it no more, as a terminal would: tmux
  /// does so only for a session that somebody looks at.
  func focus(_ hasFocus: Bool) async throws {
    try await press("-H", "1b", "5b", hasFocus ? "49" : "4f")
  }

  /// Types a line and sends it.
  func say(_ text: String) async throws {
    try await type(text)
    try await press("Enter")
  }

  /// Pastes text with bracketed paste.
  func paste(_ text: String) async throws {
    try await Self.tmux("set-buffer", "-b", name, text)
    try await Self.tmux("paste-buffer", "-p", "-r", "-b", name, "-t", name)
  }

  /// What the screen shows, a line per row.
  func screen() async throws -> String {
    try await Self.tmux("capture-pane", "-p", "-t", name)
  }

  /// What the screen shows, with its colours as escape sequences.
  func colouredScreen() async throws -> String {
    try await Self.tmux("capture-pane", "-p", "-e", "-t", name)
  }

  /// Everything that the client writes to the terminal from now on.
  func recordOutput() async throws -> RecordedOutput {
    let path = "\(stateDirectory)/\(name).output"
    try await Self.tmux("pipe-pane", "-O", "-t", name, "cat > \(path)")
    return RecordedOutput(path: path)
  }

  /// Where the hardware cursor is, from 0.
  func cursor() async throws -> (column: Int, row: Int) {
    let text = try await Self.tmux(
      "display-message", "-p", "-t", name, "#{cursor_x} #{cursor_y}")
    let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard numbers.count == 2 else { throw Failure("tmux knows no cursor") }
    return (numbers[0], numbers[1])
  }

  /// Waits until the screen shows all of some texts.
  @discardableResult
  func waitFor(_ texts: String...) async throws -> String {
    try await waitUntil("\(texts)") { screen in texts.allSatisfy { screen.contains($0) } }
  }

  /// Waits until the screen is as wanted.
  @discardableResult
  func waitUntil(_ what: String, _ isWanted: (String) -> Bool) async throws -> String {
    try await Machine.eventually("\(what) in \(name), which shows:\n\(try await screen())") {
      let screen = try await screen()
      return isWanted(screen) ? screen : nil
    }
  }

  /// Waits until the screen with its colours is as wanted.
  func waitUntilColoured(_ what: String, _ isWanted: (String) -> Bool) async throws {
    _ = try await Machine.eventually("\(what) in \(name), which shows:\n\(try await screen())") {
      isWanted(try await colouredScreen()) ? true : nil
    }
  }

  /// Resizes the terminal.
  func resize(columns: Int, rows: Int) async throws {
    try await Self.tmux(
      "resize-window", "-t", name, "-x", "\(columns)", "-y", "\(rows)")
  }

  /// The most memory that the client has had, in bytes.
  func peakMemory() async throws -> Int {
    let pane = try await Self.tmux("display-message", "-p", "-t", name, "#{pane_pid}")
    let status = try String(
      contentsOfFile: "/proc/\(pane.prefix { $0.isNumber })/status", encoding: .utf8)
    guard let match = status.firstMatch(of: /VmHWM:\s+(\d+) kB/), let kilobytes = Int(match.1)
    else {
      throw Failure("the system does not say what \(name) takes")
    }
    return kilobytes * 1024
  }

  /// Kills the client with no chance to do anything about it.
  func kill() async throws {
    let pane = try await Self.tmux("display-message", "-p", "-t", name, "#{pane_pid}")
    guard let process = pid_t(pane.prefix { $0.isNumber }), Glibc.kill(process, SIGKILL) == 0 else {
      throw Failure("there is no client to kill in \(name)")
    }
  }

  /// Closes the terminal, as its window's close button does.
  func close() async throws {
    try await Self.tmux("kill-session", "-t", name)
  }

  @discardableResult
  private static func tmux(_ arguments: String...) async throws -> String {
    try await tmux(arguments)
  }

  @discardableResult
  private static func tmux(_ arguments: [String]) async throws -> String {
    try await Machine.run("tmux", ["-L", socket] + arguments)
  }
}

/// A file in which a terminal's output is gathered.
struct RecordedOutput {
  let path: String

  /// What has been gathered so far.
  func read() throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
  }
}
