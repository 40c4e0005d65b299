import Logging
import MartletProtocol

/// Passes on what is logged, with nothing in it that acts on a terminal or begins a line of its own.
///
/// The server writes down none of its users' words. But what PostgreSQL, the system or a certificate says is
/// in the log, and it is not for them to keep it in order.
struct SafeLogHandler<Inner: LogHandler>: LogHandler {
  private var inner: Inner
  private let settings: LogSettings

  init(inner: Inner, settings: LogSettings) {
    self.inner = inner
    self.settings = settings
  }

  var metadata: Logger.Metadata {
    get { inner.metadata }
    set { inner.metadata = Self.safe(newValue) }
  }
  var logLevel: Logger.Level {
    get { settings.level }
    set { settings.level = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { inner[metadataKey: key.asLogLine] }
    set { inner[metadataKey: key.asLogLine] = newValue.map(Self.safe) }
  }

  func log(event: LogEvent) {
    var event = event
    event.message = "\(event.message.description.asLogLine)"
    event.metadata = event.metadata.map(Self.safe)
    if let error = event.error {
      event.error = nil
      event.metadata = (event.metadata ?? [:]).merging(["error": Self.safe("\(error)")]) { $1 }
    }
    inner.log(event: event)
  }

  private static func safe(_ value: Logger.MetadataValue) -> Logger.MetadataValue {
    .string(value.description.asLogLine)
  }

  /// Of keys that are one when made safe, any of the values.
  private static func safe(_ metadata: Logger.Metadata) -> Logger.Metadata {
    Logger.Metadata(metadata.map { ($0.key.asLogLine, safe($0.value)) }) { $1 }
  }
}

extension Logger {
  /// The server's own.
  static func onStandardError(_ settings: LogSettings) -> Logger {
    Logger(label: "martletd") { _ in
      SafeLogHandler(inner: LineLogHandler(settings), settings: settings)
    }
  }

  static func onStandardError(_ level: Level) -> Logger { onStandardError(LogSettings(level)) }
}
