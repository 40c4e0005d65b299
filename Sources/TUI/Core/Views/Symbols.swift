/// The signs that the interface draws with.
struct Symbols: Hashable, Sendable {
  let online: String
  let offline: String
  let selected: String
  let sending: String
  let stored: String
  let read: String
  let failed: String
  let image: String
  let audio: String
  let file: String
  let times: String
  let barFilled: String
  let barEmpty: String
  let mask: Character
  let horizontal: Character
  let vertical: String
  /// The corners and joints of the frame, row by row: `┌┬┐`, `├┼┤`, `└┴┘`.
  let joints: [[String]]

  /// ASCII where the terminal cannot draw lines, or would draw them two cells wide.
  init(usesASCII: Bool) {
    online = usesASCII ? "*" : "●"
    offline = usesASCII ? "o" : "○"
    selected = usesASCII ? ">" : "▌"
    sending = usesASCII ? "..." : "…"
    stored = usesASCII ? "v" : "✓"
    read = usesASCII ? "vv" : "✓✓"
    failed = usesASCII ? "x" : "✗"
    image = usesASCII ? "#" : "▣"
    audio = usesASCII ? "~" : "♪"
    file = usesASCII ? "=" : "▤"
    times = usesASCII ? "x" : "×"
    barFilled = usesASCII ? "#" : "█"
    barEmpty = usesASCII ? "." : "░"
    mask = usesASCII ? "*" : "•"
    horizontal = usesASCII ? "-" : "─"
    vertical = usesASCII ? "|" : "│"
    joints =
      usesASCII
      ? Array(repeating: ["+", "+", "+"], count: 3)
      : [["┌", "┬", "┐"], ["├", "┼", "┤"], ["└", "┴", "┘"]]
  }
}
