import MartletProtocol

// Messages one after the other, for message mode: the rows that are no messages are passed over.
extension MessagePane {
  /// The message some places further down, up if negative, as far as there are any; from `nil`, the
  /// newest one. `nil` when there is none at all.
  func selection(from anchor: ScrollAnchor?, by step: Int) -> ScrollAnchor? {
    let count = messageItems + conversation.pending.count
    guard count > 0 else { return nil }
    guard let item = anchor.flatMap({ self.item(for: $0) }) else {
      return self.anchor(for: selectable(at: count - 1))
    }
    let place =
      switch item {
      case .top: 0
      case .message: index(of: item) - topItems
      case .end: messageItems
      case .pending(let pending): messageItems + pending
      }
    let (sum, overflows) = place.addingReportingOverflow(step)
    let wanted = overflows ? (step < 0 ? 0 : count - 1) : sum
    return self.anchor(for: selectable(at: min(max(0, wanted), count - 1)))
  }

  /// The scroll position that shows a message whole, as far as it fits, and moves as little as it can;
  /// `nil` when it is not there any more.
  func position(revealing anchor: ScrollAnchor) -> ScrollPosition? {
    guard let item = item(for: anchor) else { return nil }
    let visible = visibleLines()
    let shown = visible.count { $0.item == item }
    guard shown < min(layOut(item).count, rows), let first = visible.first else {
      return conversation.scroll
    }
    guard index(of: item) > index(of: first.item) else { return position(showingAtTop: item) }
    return position((index(of: item), 0))
  }

  private func selectable(at place: Int) -> Item {
    item(at: topItems + place + (place < messageItems ? 0 : endItems))
  }
}
