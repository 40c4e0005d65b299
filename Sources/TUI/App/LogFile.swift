import Glibc
import Logging
import MartletClient
import MartletProtocol

/// Where the log goes when one is asked for: never to the terminal, which is the screen's.
enum LogFile {
  /// A logger that appends to a file; one that drops everything when there is no path.
  static func logger(path: String?, time: ClientTime) throws(StartError) -> Logger {
    guard let path, !path.isEmpty else {
      return Logger(label: "martlet") { _ in SwiftLogNoOpLogHandler() }
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StartError(
        "The log file \(path) cannot be opened: \(String(cString: strerror(errno))).")
    }
    return Logger(label: "martlet") { _ in Handler(descriptor: descriptor, time: time) }
  }

  /// One line per entry.
  private struct Handler: LogHandler {
    let descriptor: Int32
    let time: ClientTime
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        .sorted { $0.key < $1.key }.map { " \($0.key)=\"\($0.value)\"" }.joined()
      let line = "\(time.wall()) \(event.level) \(event.message)\(fields)"
      // Some of it is the server's words. One write per line: lines of several threads do not mix, and
      // there is nobody to tell of a log that cannot be written.
      try? writeAll((line.asLogLine + "\n").utf8, to: descriptor)
    }
  }
}
