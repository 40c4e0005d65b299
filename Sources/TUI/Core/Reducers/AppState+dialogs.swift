import MartletProtocol

// The dialogs with fields: clearing, and the password.
extension AppState {
  mutating func performOnDialog(_ command: Command) -> [Effect] {
    switch command {
    case .submitDialog:
      switch overlay {
      case .clearing(let clearing): return answerClearing(clearing)
      case .password(let form): return submitPassword(form)
      case .trust(let trust): return answerTrust(trust)
      case .quit, .switcher, .sessions, .everywhere, .viewer, .sendFile, nil: return []
      }
    case .nextDialogField: movePasswordField(by: 1)
    case .previousDialogField: movePasswordField(by: -1)
    default: return performOnSessions(command)
    }
    return []
  }

  mutating func changeDialogField(_ change: (inout TextEditor) -> Void) -> [Effect] {
    switch overlay {
    case .clearing(var clearing) where !clearing.isUnderWay:
      change(&clearing.answer)
      overlay = .clearing(clearing)
    case .password(var form) where !form.isUnderWay:
      change(&form[form.field])
      overlay = .password(form)
    case .trust(var trust):
      change(&trust.answer)
      overlay = .trust(trust)
    case .clearing, .password, .quit, .switcher, .sessions, .everywhere, .viewer, .sendFile, nil:
      break
    }
    return []
  }

  private mutating func movePasswordField(by step: Int) {
    guard case .password(var form) = overlay, !form.isUnderWay else { return }
    form.move(by: step)
    overlay = .password(form)
  }

  /// Enter: on to the next empty field, or off with the form.
  private mutating func submitPassword(_ form: PasswordState) -> [Effect] {
    guard !form.isUnderWay else { return [] }
    var form = form
    defer { overlay = .password(form) }
    form.problem = nil
    if let empty = PasswordState.Field.allCases.first(where: { form[$0].isEmpty }) {
      form.problem = form[form.field].isEmpty ? strings.passwordMissing : nil
      form.field = empty
      return []
    }
    guard form[.new].characters.count >= limits.passwordCharacters else {
      form.problem = strings.passwordTooShort(limits.passwordCharacters)
      form.field = .new
      return []
    }
    guard form[.new].text == form[.repeated].text else {
      form.problem = strings.passwordsDiffer
      form.field = .new
      return []
    }
    guard isOnline else {
      form.problem = strings.connectionLost
      return []
    }
    let effect = Effect.changePassword(current: form[.current].text, new: form[.new].text)
    form.forget()
    form.isUnderWay = true
    return [effect]
  }

  mutating func passwordChanged() -> [Effect] {
    if case .password = overlay { overlay = nil }
    return show(strings.passwordChanged)
  }

  mutating func passwordChangeFailed(_ failure: RequestFailure) -> [Effect] {
    var words = strings.explain(failure)
    if case .refused(let error) = failure, error.code == .wrongCredentials {
      words = strings.currentPasswordWrong
    }
    guard case .password(var form) = overlay else { return show(words, isProblem: true) }
    form.isUnderWay = false
    form.problem = words
    overlay = .password(form)
    return []
  }
}
