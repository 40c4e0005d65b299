import FoundationEssentials
import Testing

@testable import TUICore

/// Compares a screen with the literal text kept in `Golden/NAME.txt`.
///
/// With `MARTLET_UPDATE_GOLDEN=1` the text is written instead: look at the difference before
/// committing it.
func expectGolden(
  _ canvas: Canvas, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Golden/\(name).txt")
  let snapshot = canvas.snapshot
  if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
    try snapshot.write(to: file, atomically: true, encoding: .utf8)
    return
  }
  let expected = try String(contentsOf: file, encoding: .utf8)
  #expect(snapshot == expected, "\(name) differs:\n\(snapshot)", sourceLocation: sourceLocation)
  expectSound(canvas, sourceLocation: sourceLocation)
}

/// What holds for every canvas, whatever was drawn.
func expectSound(_ canvas: Canvas, sourceLocation: SourceLocation = #_sourceLocation) {
  for row in 0..<canvas.size.rows {
    let cells = Array(canvas.row(row))
    let width = cells.reduce(0) { $0 + ($1.glyph?.width ?? 0) }
    if width != canvas.size.columns {
      Issue.record("row \(row) is \(width) cells wide", sourceLocation: sourceLocation)
    }
    for (column, cell) in cells.enumerated() {
      let isSecondHalf = column > 0 && cells[column - 1].glyph?.width == 2
      if (cell.glyph == nil) != isSecondHalf {
        Issue.record("a half glyph at \(row), \(column)", sourceLocation: sourceLocation)
      }
      for scalar in cell.glyph?.scalars ?? [] where !scalar.isSafeOnTerminal {
        Issue.record("\(scalar.value) at \(row), \(column)", sourceLocation: sourceLocation)
      }
      if (cell.glyph?.scalars.count ?? 1) > 1 + Glyph.maximumMarks {
        Issue.record("too many scalars at \(row), \(column)", sourceLocation: sourceLocation)
      }
    }
  }
  if let cursor = canvas.cursor {
    let isInside =
      (0..<canvas.size.rows).contains(cursor.row)
      && (0..<canvas.size.columns).contains(cursor.column)
    if !isInside { Issue.record("cursor outside", sourceLocation: sourceLocation) }
  }
}

extension Unicode.Scalar {
  /// Written down apart from the code under test: nothing that a terminal acts on.
  fileprivate var isSafeOnTerminal: Bool {
    switch value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
      0xFE00...0xFE0F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
      false
    default: true
    }
  }
}
