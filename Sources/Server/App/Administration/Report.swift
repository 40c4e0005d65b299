import FoundationEssentials
import MartletProtocol
import MartletWidth

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
