import MartletProtocol

extension AppState {
  /// Moves the caret to another field, round the ends.
  mutating func moveField(by step: Int) {
    let fields = signIn.fields
    let index = fields.firstIndex(of: signIn.field) ?? 0
    signIn.field = fields[(index + step + fields.count) % fields.count]
  }

  mutating func toggleRegistration() {
    signIn.mode = signIn.mode == .signIn ? .register : .signIn
    signIn.problem = nil
    signIn.progress = .editing
    if !signIn.fields.contains(signIn.field) { signIn.field = .password }
  }

  /// Enter: on to the next empty field, or off with the form.
  mutating func submit() -> [Effect] {
    if signIn.field != signIn.fields.last, signIn[signIn.field].isEmpty == false,
      let next = signIn.fields.first(where: { signIn[$0].isEmpty })
    {
      signIn.field = next
      return []
    }
    return submitForm()
  }

  /// Sends the form, or keeps it for when there is a connection.
  mutating func submitForm() -> [Effect] {
    if let problem = problemOfForm() {
      signIn.problem = problem
      signIn.progress = .editing
      return []
    }
    signIn.problem = nil
    guard connection == .connected else {
      signIn.progress = .waitingForConnection
      if case .untrusted(let doubt) = connection { refuseServer(doubt) }
      return []
    }
    let (name, password) = (signIn.name.text, signIn.password.text)
    switch signIn.mode {
    case .signIn:
      signIn.progress = .signingIn
      return [.signIn(name: name, password: password)]
    case .register:
      signIn.progress = .registering
      let invite = signIn.takesInvite ? signIn.invite.text : nil
      return [.register(name: name, password: password, invite: invite)]
    }
  }

  mutating func registered() -> [Effect] {
    // The account is there: should signing in fail now, it must not be registered again.
    signIn.mode = .signIn
    signIn.field = .password
    signIn.progress = .signingIn
    return [.signIn(name: signIn.name.text, password: signIn.password.text)]
  }

  mutating func signInFailed(_ failure: RequestFailure) -> [Effect] {
    if screen == .chat {
      // With the stored token. A lost connection is tried again by the shell.
      guard case .refused(let error) = failure else { return [] }
      let isVoid = error.code == .invalidToken
      let effects = leaveSession(because: .loggedOut) + (isVoid ? eraseCache() : [])
      signIn.problem = isVoid ? .tokenRefused : .failed(failure)
      return effects
    }
    switch failure {
    case .connectionLost:
      signIn.progress = .waitingForConnection
    case .refused(let error):
      signIn.progress = .editing
      signIn.problem = .failed(failure)
      switch error.code {
      case .invalidName, .nameTaken: signIn.field = .name
      case .invalidInvite: (signIn.takesInvite, signIn.field) = (true, .invite)
      case .weakPassword, .wrongCredentials, .tooManyAttempts: signIn.field = .password
      default: break
      }
    }
    return []
  }

  /// What the client can see to be wrong by itself, and puts the caret there.
  private mutating func problemOfForm() -> SignInState.Problem? {
    let name = signIn.name.text
    guard !name.isEmpty else {
      signIn.field = .name
      return .nameMissing
    }
    guard !signIn.password.isEmpty else {
      signIn.field = .password
      return .passwordMissing
    }
    guard signIn.mode == .register else { return nil }
    do {
      try AccountName.check(name)
    } catch {
      signIn.field = .name
      return .nameInvalid
    }
    guard signIn.password.characters.count >= limits.passwordCharacters else {
      signIn.field = .password
      return .passwordTooShort(limits.passwordCharacters)
    }
    guard signIn.password.text == signIn.repeated.text else {
      signIn.field = .repeated
      return .passwordsDiffer
    }
    guard !signIn.takesInvite || !signIn.invite.isEmpty else {
      signIn.field = .invite
      return .inviteMissing
    }
    return nil
  }
}
