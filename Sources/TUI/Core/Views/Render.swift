/// Draws the whole screen, the cursor at the caret included.
///
/// - Parameter size: the terminal's size; the one that the state was last told of, unless the terminal
///   has changed since.
public func render(_ state: AppState, size: Size) -> Canvas {
  var canvas = Canvas(size: size, metrics: state.metrics)
  if ScreenLayout.isTooSmall(size) {
    canvas.write(state.strings.tooSmall, at: Position(row: 0, column: 0))
    return canvas
  }
  switch state.screen {
  case .signIn: SignInView(state: state).draw(on: &canvas)
  case .chat: ChatView(state: state).draw(on: &canvas)
  }
  switch state.overlay {
  case nil: break
  case .quit: QuitView(state: state).draw(on: &canvas)
  case .switcher(let switcher): SwitcherView(state: state, switcher: switcher).draw(on: &canvas)
  case .clearing(let clearing): ClearingView(state: state, clearing: clearing).draw(on: &canvas)
  case .password(let form): PasswordView(state: state, form: form).draw(on: &canvas)
  case .sessions(let sessions): SessionsView(state: state, sessions: sessions).draw(on: &canvas)
  case .viewer(let viewer): ViewerView(state: state, viewer: viewer).draw(on: &canvas)
  case .sendFile(let question):
    SendFileView(state: state, question: question).draw(on: &canvas)
  case .trust(let trust): TrustView(state: state, trust: trust).draw(on: &canvas)
  case .everywhere(let search): EverywhereView(state: state, search: search).draw(on: &canvas)
  }
  if let help = state.help { HelpView(state: state, help: help).draw(on: &canvas) }
  if !state.configuration.usesColour { canvas.dropColours() }
  return canvas
}
