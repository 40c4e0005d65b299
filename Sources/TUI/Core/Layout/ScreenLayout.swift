/// Where things are on the chat screen: one answer for the views that draw them and for the reducers
/// that scroll them and find what was clicked.
struct ScreenLayout: Hashable, Sendable {
  /// The insides of the panes; `nil` for a pane that is not on the screen.
  var contacts: Rectangle?
  var messages: Rectangle?
  var input: Rectangle?
  /// The frame around both panes; its first row carries their titles.
  var frame: Rectangle
  /// The column of the line between the panes.
  var divider: Int?
  /// The row of the line above the input.
  var inputLine: Int?
  /// The row of the search line, above the messages.
  var searchLine: Int?
  var titleBar: Int?
  var keyBar: Int
  var hasBottomLine: Bool

  /// Gives the first row of the messages to the search line.
  mutating func addSearchLine() {
    guard var area = messages, area.rows > 1 else { return }
    searchLine = area.row
    area.row += 1
    area.rows -= 1
    messages = area
  }

  /// The smallest terminal that gets more than a line of apology.
  static let minimum = Size(columns: 20, rows: 5)
  /// Room for two panes side by side.
  static let twoPaneColumns = 60
  /// Below this the title bar and the lower line make way for text.
  static let roomyRows = 9

  static func isTooSmall(_ size: Size) -> Bool {
    size.columns < minimum.columns || size.rows < minimum.rows
  }

  /// - Parameters:
  ///   - size: the screen, not smaller than `minimum`.
  ///   - wantsContacts: whether the contacts are to be shown: beside the conversation, or, where there
  ///     is room for one pane only, in its place.
  ///   - inputRows: how many rows the draft would like; it gets a third of the screen at most.
  init(size: Size, wantsContacts: Bool, isContactsFocused: Bool, inputRows: Int) {
    let isRoomy = size.rows >= Self.roomyRows
    let isWide = size.columns >= Self.twoPaneColumns
    let top = isRoomy ? 1 : 0
    titleBar = isRoomy ? 0 : nil
    keyBar = size.rows - 1
    hasBottomLine = isRoomy
    frame = Rectangle(row: top, column: 0, rows: size.rows - top - 1, columns: size.columns)
    let bodyTop = top + 1
    let bodyEnd = frame.endRow - (isRoomy ? 1 : 0)

    let contactsColumns = min(30, max(18, size.columns * 28 / 100))
    let showsContacts = isWide ? wantsContacts : isContactsFocused
    let left = isWide && showsContacts ? contactsColumns + 2 : 1
    if showsContacts {
      contacts = Rectangle(
        row: bodyTop, column: 1, rows: bodyEnd - bodyTop,
        columns: isWide ? contactsColumns : size.columns - 2)
    }
    guard isWide || !showsContacts else { return }
    divider = isWide && showsContacts ? left - 1 : nil
    let columns = size.columns - 1 - left
    let draftRows = min(max(1, inputRows), max(1, size.rows / 3))
    let line = bodyEnd - draftRows - 1
    let hasLine = isRoomy && line > bodyTop
    inputLine = hasLine ? line : nil
    input = Rectangle(
      row: bodyEnd - draftRows, column: left, rows: draftRows, columns: columns)
    messages = Rectangle(
      row: bodyTop, column: left, rows: bodyEnd - draftRows - (hasLine ? 1 : 0) - bodyTop,
      columns: columns)
  }
}
