import CCurses
import Glibc
import TUICore

/// Puts a canvas on the screen. Curses finds out what changed; here only rows that are what they were
/// are skipped.
final class CursesScreen {
  private let palette: Palette
  private var shown: Canvas?
  private var cells: [cchar_t] = []

  init(palette: Palette) {
    self.palette = palette
  }

  /// Draws, the hardware cursor at the canvas's own last, in one update. A canvas equal to the last
  /// costs nothing.
  func draw(_ canvas: Canvas) {
    guard canvas != shown else { return }
    let last = shown.flatMap { $0.size == canvas.size ? $0 : nil }
    for row in 0..<canvas.size.rows {
      let new = canvas.row(row)
      if let last, last.row(row) == new { continue }
      put(new, row: row)
    }
    if let cursor = canvas.cursor {
      wmove(cc_stdscr(), Int32(cursor.row), Int32(cursor.column))
      curs_set(1)
    } else {
      curs_set(0)
    }
    wnoutrefresh(cc_stdscr())
    doupdate()
    shown = canvas
  }

  /// Makes the next update paint every cell.
  func invalidate() {
    shown = nil
    clearok(cc_stdscr(), true)
  }

  private func put(_ row: ArraySlice<Canvas.Cell>, row number: Int) {
    cells.removeAll(keepingCapacity: true)
    for cell in row {
      // Curses makes the second half of a wide character itself.
      guard let glyph = cell.glyph else { continue }
      let (attributes, pair) = palette.attributes(of: cell.style)
      // A text of curses ends with a zero, for which the cell has no room of its own.
      let text =
        glyph.scalars.prefix(Int(CCHARW_MAX)).map { wchar_t(bitPattern: $0.value) } + [0]
      var character = cchar_t()
      if cc_setcchar(&character, text, attributes, pair) == cc_ok {
        cells.append(character)
        continue
      }
      // What curses refuses may not shift the rest of the row.
      cc_setcchar(&character, [0x3F, 0], attributes, pair)
      cells += Array(repeating: character, count: glyph.width)
    }
    cc_put(Int32(number), 0, cells, Int32(cells.count))
  }
}
