import Logging
import Synchronization

/// A log that keeps what it is told.
public final class LogRecord: LogHandler, Sendable {
  private let lines = Mutex<[String]>([])

  public init() {}

  public var text: String { lines.withLock { $0.joined(separator: "\n") } }

  public func log(event: LogEvent) {
    lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
  }

  public subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }
  public var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  public var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
}
