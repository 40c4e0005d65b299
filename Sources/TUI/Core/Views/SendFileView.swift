import MartletProtocol

/// The question whether to send a file whose path was pasted.
struct SendFileView {
  let state: AppState
  let question: SendQuestion

  func draw(on canvas: inout Canvas) {
    let strings = state.strings
    let name = recipient.map(strings.files.sendQuestion) ?? strings.files.sendQuestionToAll
    let size = ByteCount.text(question.file.size)
    let text = [(name, Style.plain), ("\(question.file.name)  \(size)", Style(.accent))]
    _ = canvas.drawDialog(
      title: strings.files.sendTitle, text: text, below: 0, columns: 60, symbols: state.symbols)
    KeyBarView(state: state).clearAndDraw(on: &canvas)
  }

  private var recipient: String? {
    guard case .user(let user) = question.target else { return nil }
    return state.chat.contacts[user]?.user.name
  }
}
