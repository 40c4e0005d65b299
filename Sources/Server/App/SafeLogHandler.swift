import Logging
import MartletProtocol

/// Passes on what is logged, with nothing in it that acts on a terminal or begins a line of its own.
///
/// The server writes down none of its users' words. But what PostgreSQL, the system or a certificate says is
/// in the log, and it is not for them to keep it in order.
struct SafeLogHandler<Inner: LogHandler>: LogHandler {
  var inner: Inner

  var metadata: Logger.Metadata {
    get { inner.metadata }
    set { inner.metadata = newValue }
  }
  var logLevel: Logger.Level {
    get { inner.logLevel }
    set { inner.logLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { inner[metadataKey: key] }
    set { inner[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    var event = event
    event.message = "\(event.message.description.asLogLine)"
    event.metadata = event.metadata?.mapValues { .string($0.description.asLogLine) }
    inner.log(event: event)
  }
}
