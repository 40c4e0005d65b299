/// The draft as wrapped in the input pane, behind its prompt.
struct DraftLayout {
  /// Cells of ` > `; later rows are indented by as much.
  static let promptColumns = 3

  let wrapped: WrappedText
  let caret: WrappedText.Place

  /// - Parameter columns: the width of the input pane. One column stays free at the end, for the caret
  ///   of a full row.
  init(_ editor: TextEditor, columns: Int, metrics: TextMetrics) {
    wrapped = WrappedText(
      metrics.clusters(editor.characters), width: columns - Self.promptColumns - 1)
    caret = wrapped.place(of: editor.caret)
  }

  /// The first row shown when there is room for `rows`: the caret's row is the last of them
  /// at the latest.
  func firstRow(showing rows: Int) -> Int {
    max(0, caret.row - rows + 1)
  }
}
