import Logging
import MartletProtocol
import Synchronization

/// The least severe messages that are logged, by all who have it: it may change while the server runs.
final class SharedLogLevel: Sendable {
  private let current: Mutex<Logger.Level>

  init(_ level: Logger.Level) {
    current = Mutex(level)
  }

  var value: Logger.Level {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}

/// Passes on what is logged, with nothing in it that acts on a terminal or begins a line of its own.
///
/// The server writes down none of its users' words. But what PostgreSQL, the system or a certificate says is
/// in the log, and it is not for them to keep it in order.
struct SafeLogHandler<Inner: LogHandler>: LogHandler {
  private var inner: Inner
  private let level: SharedLogLevel

  init(inner: Inner, level: SharedLogLevel) {
    self.inner = inner
    self.level = level
  }

  var metadata: Logger.Metadata {
    get { inner.metadata }
    set { inner.metadata = Self.safe(newValue) }
  }
  var logLevel: Logger.Level {
    get { level.value }
    set { level.value = newValue }
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
  static func onStandardError(_ level: SharedLogLevel) -> Logger {
    Logger(label: "martletd") {
      SafeLogHandler(inner: StreamLogHandler.standardError(label: $0), level: level)
    }
  }

  static func onStandardError(_ level: Level) -> Logger { onStandardError(SharedLogLevel(level)) }
}
