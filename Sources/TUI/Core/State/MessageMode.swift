import MartletProtocol

/// One message is selected, and keys act on it.
struct MessageMode: Hashable, Sendable {
  /// The message: `.message` or `.pending`.
  var selected: ScrollAnchor
  /// Where the pane was before, to go back to exactly there.
  let scrollBefore: ScrollPosition
}
