import FoundationEssentials
import Glibc
import TestSupport

/// A `martletd` of the test's own, with a private database, on a port that the system chose.
actor TestServer {
  let directory: String
  private(set) var port = 0
  private var process: pid_t?
  private let certificate: TestCertificate?
  private let options: [String]

  /// Starts a server, with TLS if there is a certificate.
  ///
  /// - Parameter settings: the lines of its file of settings; it has none without.
  init(certificate: TestCertificate? = nil, settings: String? = nil) async throws {
    self.certificate = certificate
    directory = try Machine.temporaryDirectory()
    options = settings == nil ? [] : ["--config", directory + "/settings"]
    if let settings { try write(settings: settings) }
    // The database outlives a killed server, by design.
    try await Machine.whenGone(
      "kill -TERM $(cat \(directory)/pid); sleep 2; "
        + "kill -INT $(head -n 1 \(directory)/data/postgres/postmaster.pid); sleep 2; "
        + "rm -rf \(directory)")
    try await start()
  }

  var address: String { "\(certificate == nil ? "ws" : "wss")://127.0.0.1:\(port)" }

  private var log: String { directory + "/log" }

  /// Starts the server, on the same port as before if it ran before, and waits until it serves.
  func start() async throws {
    // Before the first start there is no log.
    let before = (try? String(contentsOfFile: log, encoding: .utf8))?.utf8.count ?? 0
    let pid = try spawn(
      try Machine.executable("martletd"),
      [
        "serve", "--listen", "127.0.0.1:\(port)", "--data-directory", directory + "/data",
      ] + options
        + (certificate.map { ["--tls-certificate", $0.certificate, "--tls-key", $0.key] } ?? []),
      appendingTo: log)
    process = pid
    try "\(pid)".write(toFile: directory + "/pid", atomically: true, encoding: .utf8)
    port = try await Machine.eventually("the server in \(directory) to serve") {
      let text = String(try String(contentsOfFile: log, encoding: .utf8).utf8.dropFirst(before))
      guard let match = text?.firstMatch(of: /message=serving address=127\.0\.0\.1:(\d+)/) else {
        return nil
      }
      return Int(match.1)
    }
  }

  /// Kills the server with no chance to do anything about it.
  func kill() throws {
    try end(SIGKILL)
  }

  /// Has the server do nothing, as one that hangs.
  func pause() throws { try signal(SIGSTOP) }

  /// Has it go on.
  func unpause() throws { try signal(SIGCONT) }

  private func signal(_ signal: Int32) throws {
    guard let process, Glibc.kill(process, signal) == 0 else {
      throw Failure("there is no server to tell")
    }
  }

  /// The port on which it tells what is measured.
  func metricsPort() throws -> Int {
    let text = try String(contentsOfFile: log, encoding: .utf8)
    guard let match = text.firstMatch(of: /metrics=127\.0\.0\.1:(\d+)/), let port = Int(match.1)
    else { throw Failure("it tells nobody what is measured") }
    return port
  }

  func write(settings: String) throws {
    try settings.write(toFile: directory + "/settings", atomically: true, encoding: .utf8)
  }

  /// Has the server read again what it reads again, and waits until its log says some words once more.
  func reload(until words: String) async throws {
    let before = try count(of: words)
    guard let process, Glibc.kill(process, SIGHUP) == 0 else {
      throw Failure("there is no server to tell")
    }
    try await Machine.eventually("the log to say: \(words)") {
      try count(of: words) > before ? () : nil
    }
  }

  private func count(of words: String) throws -> Int {
    try String(contentsOfFile: log, encoding: .utf8).ranges(of: words).count
  }

  /// Runs a command of an operator on this server's settings, and gives what it printed.
  ///
  /// - Throws: ``Failure`` with all its words when it does not end well.
  @discardableResult
  func administer(_ words: String..., input: String = "") async throws -> String {
    try await administer(words, input: input)
  }

  @discardableResult
  func administer(_ words: [String], input: String) async throws -> String {
    try await Machine.run(
      Machine.executable("martletd"),
      words + ["--data-directory", directory + "/data"] + options, input: input)
  }

  /// Stops the server in an orderly way.
  func stop() throws {
    try end(SIGTERM)
  }

  private func end(_ signal: Int32) throws {
    guard let process else { return }
    self.process = nil
    guard Glibc.kill(process, signal) == 0 else { throw Failure("there is no server to stop") }
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { throw Failure("lost the server") }
    try FileManager.default.removeItem(atPath: directory + "/pid")
  }
}

/// Starts a process whose output goes to a file.
private func spawn(
  _ path: String, _ arguments: [String], appendingTo log: String
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
  posix_spawn_file_actions_adddup2(&actions, 1, 2)
  let words = ([path] + arguments).map { strdup($0) }
  defer { for word in words { free(word) } }
  var pid: pid_t = 0
  guard posix_spawn(&pid, path, &actions, nil, words + [nil], environ) == 0 else {
    throw Failure("cannot start \(path)")
  }
  return pid
}
