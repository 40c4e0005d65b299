/// What came in from the terminal.
public enum InputEvent: Hashable, Sendable {
  /// A key stroke.
  case key(KeyEvent)
  /// A bracketed paste, whole, as it came.
  case paste(String)
  /// The mouse, at a cell counted from the top left, from 0.
  case mouse(row: Int, column: Int, kind: MouseKind)
  /// The terminal window got or lost the keyboard focus.
  case focus(Bool)
}

/// What the mouse did.
public enum MouseKind: Hashable, Sendable {
  /// The left button went down.
  case press
  /// The left button came up.
  case release
  case wheelUp
  case wheelDown
}
