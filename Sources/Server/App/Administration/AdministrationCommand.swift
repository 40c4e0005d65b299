import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import MartletProtocol
import MartletWidth
import ServerCore

/// A command that asks for acts: it takes the settings of `serve`, to find the server that they mean.
protocol AdministrationCommand: AsyncParsableCommand {
  var flags: SettingFlags { get }

  func run(_ administrator: Administrator) async throws(OperatorError)
}

extension AdministrationCommand {
  func run() async throws {
    do throws(OperatorError) {
      let configuration = try await flags.configuration()
      try await Administrator.with(configuration, logger: .onStandardError(.warning)) {
        administrator throws(OperatorError) in try await run(administrator)
      }
    } catch {
      throw error.report()
    }
  }
}

extension SettingFlags {
  /// What these flags, the environment and the file say.
  func configuration() async throws(OperatorError) -> ServerConfiguration {
    try ServerConfiguration(
      try await Settings(flags: self, environment: ProcessInfo.processInfo.environment))
  }
}

/// What a command prints: rows for people, or JSON for programs.
enum Report {
  /// Prints rows under a heading, or all of them as JSON.
  static func list<Row: Encodable>(
    _ rows: [Row], asJSON: Bool, _ heading: [String], _ cells: (Row) -> [String]
  ) throws(OperatorError) {
    if asJSON { return try json(rows) }
    guard !rows.isEmpty else { return }
    print(table([heading] + rows.map(cells)))
  }

  static func json(_ value: some Encodable) throws(OperatorError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      print(String(decoding: try encoder.encode(value), as: UTF8.self))
    } catch {
      throw OperatorError("This cannot be written as JSON: \(error)")
    }
  }

  /// Columns of equal width; names and notes come from others, so nothing in them moves the cursor.
  static func table(_ rows: [[String]]) -> String {
    let rows = rows.map { $0.map(\.asLogLine) }
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].terminalColumns : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell
          : cell + String(repeating: " ", count: widths[column] + 2 - cell.terminalColumns)
      }
      .joined()
    }
    .joined(separator: "\n")
  }

  /// Bytes in the unit in which they are read best.
  static func bytes(_ count: Int64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(count)
    var unit = 0
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(count) B" : "\((value * 10).rounded() / 10) \(units[unit])"
  }

  static func date(_ moment: Timestamp?) -> String {
    moment.map { "\("\($0)".prefix(16))Z" } ?? "-"
  }
}

extension String {
  /// How many columns a terminal gives it: two for a Chinese character.
  fileprivate var terminalColumns: Int {
    unicodeScalars.reduce(0) { $0 + (LibcWidth.cells(of: $1) ?? 0) }
  }
}

/// What is typed where nobody may look over a shoulder.
enum Prompt {
  /// A password: from a terminal twice, without showing it; else the first line of standard input.
  static func password(for name: String) throws(OperatorError) -> String {
    guard isatty(STDIN_FILENO) == 1 else { return try line() }
    let first = try hidden("Password for \(name.asLogLine): ")
    guard try hidden("Once more: ") == first else {
      throw OperatorError("The two are not the same; nothing was changed.")
    }
    return first
  }

  /// Asks for a yes, if there is somebody to ask.
  static func confirm(_ question: String) throws(OperatorError) {
    guard isatty(STDIN_FILENO) == 1 else {
      throw OperatorError("This cannot be undone: say --yes.")
    }
    say("\(question) Type yes: ")
    guard try line() == "yes" else { throw OperatorError("Nothing was changed.") }
  }

  private static func hidden(_ prompt: String) throws(OperatorError) -> String {
    say(prompt)
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      say("\n")
    }
    return try line()
  }

  private static func line() throws(OperatorError) -> String {
    guard let line = readLine() else { throw OperatorError("Nothing was typed.") }
    return line
  }

  /// Not on standard output, which may be a file.
  private static func say(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}

/// How long something lasts: `90s`, `15m`, `12h`, `7d`.
struct Span: ExpressibleByArgument {
  let seconds: Int64

  init?(argument: String) {
    let factors: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = argument.last, let factor = factors[unit],
      let number = Int64(argument.dropLast()), (1...100_000).contains(number)
    else { return nil }
    seconds = number * factor
  }
}
