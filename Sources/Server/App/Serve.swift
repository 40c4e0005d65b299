import ArgumentParser
import CoreMetrics
import FoundationEssentials
import Logging
import ServerCore
import UnixSignals

/// `martletd serve`: runs the server until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the server until SIGTERM or SIGINT.",
    discussion: """
      Each setting may also be in the environment or in a file, under the name of its flag: \
      \(Setting.maxConnections.variable) for --\(Setting.maxConnections.rawValue). What is on the command line \
      counts first, then what is in the environment. `martletd config check` shows what holds. On SIGHUP the \
      server reads the file again, and its certificate.
      """)

  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run() async throws {
    let log = LogSettings(.info)
    let logger = Logger.onStandardError(log)
    do {
      let environment = ProcessInfo.processInfo.environment
      let settings = try await Settings(flags: flags, environment: environment)
      log.take(settings)
      var configuration = try ServerConfiguration(settings)
      try configuration.tls?.checkExpiry()
      if configuration.metricsListen != nil {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        configuration.metrics = registry
      }
      configuration.cap.total = roomForConnections(configuration.cap.total, settings, logger)
      try await serve(configuration, settings, log: log, logger: logger)
    } catch {
      logger.critical("\(error.description)")
      throw ExitCode(1)
    }
  }

  private func serve(
    _ configuration: ServerConfiguration, _ settings: Settings, log: LogSettings,
    logger: Logger
  ) async throws(OperatorError) {
    // Listened for before anything is started, so that nothing started is left behind.
    // With nothing to read again SIGHUP ends the server as usual, such as when its terminal is closed.
    let hasFiles = configuration.tls != nil || settings.file != nil
    let signals = await UnixSignalsSequence(
      trapping: [.sigterm, .sigint] + (hasFiles ? [.sighup] : []))
    let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
    let server = try await Server.start(configuration, logger: logger)
    manager.tell(.ready, status: "Serving on \(server.address).")
    logger.notice(
      "serving",
      metadata: [
        "address": "\(server.address)",
        "tls": "\(configuration.tls == nil ? "no" : "yes")",
        "metrics": "\(server.metricsAddress.map { "\($0)" } ?? "none")",
        "data": "\(configuration.dataDirectory)",
        "database": "\(configuration.databaseURL == nil ? "private" : "external")",
      ])
    let result = await withTaskGroup(of: Result<Void, OperatorError>.self) { group in
      group.addTask {
        await attempt { () async throws(OperatorError) in try await server.run() }
      }
      group.addTask {
        var settings = settings
        for await signal in signals {
          guard signal == .sighup else { break }
          manager.tell(.reloading)
          settings = await reload(settings, server, log: log, logger: logger)
          manager.tell(.ready)
        }
        return .success(())
      }
      group.addTask {
        await keepAlive(server, manager)
        return .success(())
      }
      let first = await group.next() ?? .success(())
      group.cancelAll()
      return first
    }
    manager.tell(.stopping, status: "Telling the clients.")
    await server.stop()
    try result.get()
  }

  /// Tells the service manager that the server is alive, for as long as its event loops are, until cancelled;
  /// whoever is not interested is told nothing.
  private func keepAlive(_ server: Server, _ manager: ServiceManager) async {
    // Twice as often as is asked for, as sd_watchdog_enabled(3) recommends.
    let interval = manager.watchdogInterval.map { $0 / 2 } ?? .seconds(1 << 30)
    while !Task.isCancelled {
      if manager.watchdogInterval != nil {
        await server.waitForEventLoops()
        manager.tell(.alive)
      }
      // Cancelled, it ends the loop.
      do { try await Task.sleep(for: interval) } catch { return }
    }
  }

  /// Reads the settings again. Returns those that hold from here on.
  private func reload(
    _ settings: Settings, _ server: Server, log: LogSettings, logger: Logger
  ) async -> Settings {
    var new = settings
    do throws(OperatorError) {
      new = try await Settings(flags: flags, environment: ProcessInfo.processInfo.environment)
      let changed = new.differences(from: settings)
      log.take(new)
      logger.notice(
        "settings read again",
        metadata: [
          "changed": "\(changed.filter(\.isReloadable).map(\.rawValue).joined(separator: " "))"
        ])
      // Said each time until it is done.
      let late = changed.filter { !$0.isReloadable }.map(\.rawValue)
      if !late.isEmpty {
        logger.warning(
          "some settings take effect when the server is started again",
          metadata: ["settings": "\(late.joined(separator: " "))"])
      }
      new = new.keeping(late: settings)
    } catch {
      logger.error(
        "the settings were not read again: the old ones stay", metadata: ["cause": "\(error)"])
    }
    server.reload(Chat.Policy(new))
    return new
  }

  private func roomForConnections(_ wanted: Int, _ settings: Settings, _ logger: Logger) -> Int {
    let room = OpenFileLimit.connections(of: OpenFileLimit.raise())
    if room < wanted, settings[.maxConnections] != nil {
      logger.warning(
        "the limit of open files leaves room for fewer connections than --max-connections",
        metadata: ["connections": "\(room)"])
    }
    return min(room, wanted)
  }
}
