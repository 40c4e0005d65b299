import Logging
import Synchronization

/// How a line of the log is written.
enum LogFormat: String, CaseIterable, Sendable {
  /// `key=value` with spaces between, as Go's logfmt has it and Loki, Vector and people read it.
  case logfmt
  /// An object of JSON.
  case json
}

/// What is logged and how, for all who log: it may change while the server runs.
final class LogSettings: Sendable {
  private struct State {
    var level: Logger.Level
    var format: LogFormat
  }

  private let state: Mutex<State>

  init(_ level: Logger.Level, _ format: LogFormat = .logfmt) {
    state = Mutex(State(level: level, format: format))
  }

  /// The least severe messages that are logged.
  var level: Logger.Level {
    get { state.withLock { $0.level } }
    set { state.withLock { $0.level = newValue } }
  }

  var format: LogFormat { state.withLock { $0.format } }

  /// Takes over what an operator has set.
  func take(_ settings: Settings) {
    state.withLock { state in
      state.level = settings.text(.logLevel).flatMap(Logger.Level.init(rawValue:)) ?? .info
      state.format = settings.text(.logFormat).flatMap(LogFormat.init(rawValue:)) ?? .logfmt
    }
  }
}
