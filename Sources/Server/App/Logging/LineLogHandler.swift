import FoundationEssentials
import Glibc
import Logging
import MartletProtocol

/// Writes each event in a line of its own: the time, the level, the message, and what belongs to it, its keys in
/// order.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace
  private let settings: LogSettings
  private let write: @Sendable (String) -> Void

  init(_ settings: LogSettings, write: @escaping @Sendable (String) -> Void = Self.onStandardError)
  {
    self.settings = settings
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
    let fields =
      [
        ("time", "\(Timestamp.now)"), ("level", "\(event.level)"),
        ("message", "\(event.message)"),
      ] + metadata.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
    write(Self.line(fields, settings.format))
  }

  /// One line, with its end.
  static func line(_ fields: [(key: String, value: String)], _ format: LogFormat) -> String {
    switch format {
    case .logfmt:
      fields.map { "\(key($0.key))=\(value($0.value))" }.joined(separator: " ") + "\n"
    case .json:
      "{" + fields.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",") + "}\n"
    }
  }

  private static func key(_ key: String) -> String {
    String(key.map { $0 == " " || $0 == "=" || $0 == "\"" ? "_" : $0 })
  }

  private static func value(_ value: String) -> String {
    let isPlain = !value.isEmpty && !value.contains { $0 == " " || $0 == "=" || $0 == "\"" }
    return isPlain ? value : quoted(value)
  }

  /// As JSON has it, which logfmt takes over. Control characters are gone by then, see ``SafeLogHandler``.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in text.unicodeScalars {
      if character == "\"" || character == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }

  /// In one call, so that lines of several threads do not mix.
  static let onStandardError: @Sendable (String) -> Void = { line in
    var line = line
    // A log that cannot be written has nobody to be told.
    line.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
