import MartletProtocol

/// The scrolled view of a conversation: which rows are visible, and where scrolling leads.
///
/// Rows are laid out from the scroll anchor outwards and only as many as fit, never from the start.
struct MessagePane {
  /// One thing in the pane, as rows.
  enum Item: Hashable {
    case top
    case message(Int)
    case end
    case pending(Int)
  }

  /// A row on the screen and the item it belongs to.
  struct VisibleLine {
    var item: Item
    var line: StyledLine
  }

  let lines: MessageLines
  let rows: Int

  var conversation: ConversationState { lines.conversation }

  init(_ lines: MessageLines, rows: Int) {
    self.lines = lines
    self.rows = max(1, rows)
  }

  /// The rows on the screen from top to bottom, at most as many as the pane has.
  func visibleLines() -> [VisibleLine] {
    let start = startingPoint()
    var collected: [VisibleLine] = []
    var index = start.index
    var hidden = start.rowsBelow
    while index >= 0, collected.count < rows {
      let item = self.item(at: index)
      let block = layOut(item)
      let shown = block.prefix(max(0, block.count - hidden)).suffix(rows - collected.count)
      collected += shown.reversed().map { VisibleLine(item: item, line: $0) }
      hidden = 0
      index -= 1
    }
    return collected.reversed()
  }

  /// The items on the screen, from top to bottom, and some above them: as many as there would be if each
  /// took one row. Nothing is laid out for that.
  var nearbyItems: [Item] {
    var last = itemCount - 1
    if case .anchored(let anchor, _) = conversation.scroll, let item = item(for: anchor) {
      last = index(of: item)
    }
    let first = max(0, last - rows)
    return (first..<min(itemCount, max(last, rows) + 1)).map(item(at:))
  }

  /// The scroll position after moving so many rows up, or down if negative. Past the oldest row it
  /// stops with that at the upper edge; at the newest it follows the bottom.
  func scrolled(up delta: Int) -> ScrollPosition {
    var (index, rowsBelow) = startingPoint()
    rowsBelow += delta
    while rowsBelow < 0, index < itemCount - 1 {
      index += 1
      rowsBelow += height(at: index)
    }
    while index > 0, rowsBelow >= height(at: index) {
      rowsBelow -= height(at: index)
      index -= 1
    }
    return position(clamped(index: index, rowsBelow: rowsBelow))
  }

  /// The scroll position that shows an item's first row at the upper edge, as far as there is text
  /// below to fill the pane.
  func position(showingAtTop item: Item) -> ScrollPosition {
    var index = index(of: item)
    var room = rows
    while index < itemCount {
      let height = height(at: index)
      if height >= room { return position((index, height - room)) }
      room -= height
      index += 1
    }
    return .bottom
  }

  /// The anchor's item and the rows of it that lie below the pane, both brought up to date: the anchor
  /// may be gone, or have fewer rows after a resize.
  private func startingPoint() -> (index: Int, rowsBelow: Int) {
    guard case .anchored(let anchor, let rowsBelow) = conversation.scroll,
      let item = item(for: anchor)
    else { return (itemCount - 1, 0) }
    let index = index(of: item)
    return clamped(index: index, rowsBelow: min(rowsBelow, height(at: index) - 1))
  }

  /// Moves a place down until the rows above it fill the pane, as far as there are any below.
  private func clamped(index: Int, rowsBelow: Int) -> (index: Int, rowsBelow: Int) {
    var above = max(0, height(at: index) - max(0, rowsBelow))
    var upper = index
    while above < rows, upper > 0 {
      upper -= 1
      above += height(at: upper)
    }
    var missing = rows - above
    var (index, rowsBelow) = (index, max(0, rowsBelow))
    while missing > 0 {
      if rowsBelow >= missing { return (index, rowsBelow - missing) }
      missing -= rowsBelow
      rowsBelow = 0
      guard index < itemCount - 1 else { break }
      index += 1
      rowsBelow = height(at: index)
    }
    return (index, rowsBelow)
  }

  func position(_ place: (index: Int, rowsBelow: Int)) -> ScrollPosition {
    guard place.index < itemCount - 1 || place.rowsBelow > 0 else { return .bottom }
    return .anchored(anchor(for: item(at: place.index)), rowsBelow: place.rowsBelow)
  }

  // Items are numbered from the top: the top row, messages, the row for what is missing, pending.

  private var firstMessage: Int {
    guard let cleared = conversation.clearedThrough else { return 0 }
    let (index, isHeld) = conversation.timeline.index(of: cleared)
    return isHeld ? index + 1 : index
  }

  /// After `/clear` there is nothing above the first message shown.
  var topItems: Int { conversation.clearedThrough == nil ? 1 : 0 }
  var messageItems: Int { conversation.timeline.messages.count - firstMessage }
  var endItems: Int { conversation.timeline.isBehind ? 1 : 0 }

  private var itemCount: Int {
    topItems + messageItems + endItems + conversation.pending.count
  }

  func item(at index: Int) -> Item {
    if index < topItems { return .top }
    let message = index - topItems
    if message < messageItems { return .message(firstMessage + message) }
    let rest = message - messageItems
    return rest < endItems ? .end : .pending(rest - endItems)
  }

  func index(of item: Item) -> Int {
    let index =
      switch item {
      case .top: 0
      case .message(let message): topItems + message - firstMessage
      case .end: topItems + messageItems
      case .pending(let pending): topItems + messageItems + endItems + pending
      }
    return min(max(0, index), max(0, itemCount - 1))
  }

  func item(for anchor: ScrollAnchor) -> Item? {
    switch anchor {
    case .top: return .top
    case .message(let sequence):
      let place = conversation.timeline.index(of: sequence)
      return place.isHeld ? .message(place.index) : nil
    case .end: return conversation.timeline.isBehind ? .end : nil
    case .pending(let key):
      return conversation.pending.firstIndex { $0.message.key == key }.map(Item.pending)
    }
  }

  func anchor(for item: Item) -> ScrollAnchor {
    switch item {
    case .top: .top
    case .message(let index): .message(conversation.timeline.messages[index].sequence)
    case .end: .end
    case .pending(let index): .pending(conversation.pending[index].message.key)
    }
  }

  private func height(at index: Int) -> Int {
    guard index >= 0, index < itemCount else { return 0 }
    return layOut(item(at: index)).count
  }

  func layOut(_ item: Item) -> [StyledLine] {
    switch item {
    case .top: lines.top()
    case .message(let index): lines.message(at: index)
    case .end: lines.end()
    case .pending(let index): lines.pending(at: index)
    }
  }
}
