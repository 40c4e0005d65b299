import Glibc

/// A process that is started again whenever it ends, as a service manager does.
actor KeptProcess {
  private let path: String
  private let arguments: [String]
  private let log: String
  /// Told to each process first.
  private var greeting: [String] = []
  private var process: ChildProcess?
  private var keeping: Task<Void, any Error>?
  /// How long the place stays empty after the next end.
  private var pause = Duration.milliseconds(200)
  /// How often it was started.
  private(set) var starts = 0

  init(_ path: String, _ arguments: [String], log: String) {
    self.path = path
    self.arguments = arguments
    self.log = log
  }

  func start() throws {
    let process = try launch()
    keeping = Task { try await keep(process) }
  }

  private func launch() throws -> ChildProcess {
    let process = try ChildProcess(path, arguments, log: log)
    for line in greeting { process.tell(line) }
    self.process = process
    starts += 1
    return process
  }

  private func keep(_ first: ChildProcess) async throws {
    var process = first
    while true {
      while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
      try await Task.sleep(for: pause)
      pause = .milliseconds(200)
      process = try launch()
    }
  }

  /// Sends a signal; `false` when there is no process at the moment.
  ///
  /// - Parameter pause: how long to stay away, if this ends it.
  @discardableResult
  func signal(_ signal: Int32, thenStayAway pause: Duration? = nil) -> Bool {
    guard process?.signal(signal) == true, process?.isRunning == true || signal == SIGKILL else {
      return false
    }
    if let pause { self.pause = pause }
    return true
  }

  /// Tells this process and, if it is to be remembered, those to come.
  func tell(_ line: String, instead: Bool = false) {
    if instead { greeting = [line] }
    process?.tell(line)
  }

  /// Stops for good.
  ///
  /// - Returns: whether it ended by itself.
  func stop(by signal: Int32?, atMost patience: Duration) async throws -> Bool {
    keeping?.cancel()
    guard let process else { return true }
    process.closeInput()
    if let signal { process.signal(signal) }
    guard try await !process.waitUntilEnded(atMost: patience) else { return true }
    process.signal(SIGKILL)
    _ = try await process.waitUntilEnded(atMost: .seconds(5))
    return false
  }

  /// Stops a process for a while; the same one goes on afterwards, if it is still there.
  func pause(for duration: Duration) async throws -> Bool {
    guard let process, process.signal(SIGSTOP) else { return false }
    defer { process.signal(SIGCONT) }
    try await Task.sleep(for: duration)
    return true
  }
}
