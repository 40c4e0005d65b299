/// The sign-in form and the registration form, which share name and password.
struct SignInState: Sendable {
  var mode = Mode.signIn
  var name = TextEditor(allowsNewlines: false)
  var password = TextEditor(allowsNewlines: false)
  var repeated = TextEditor(allowsNewlines: false)
  var invite = TextEditor(allowsNewlines: false)
  /// Whether an account takes an invite here.
  var takesInvite = false
  var field = Field.name
  var progress = Progress.editing
  var problem: Problem?

  enum Mode: Hashable, Sendable { case signIn, register }

  enum Field: Hashable, Sendable {
    case name, password, repeated, invite

    /// Whether it is not shown. An invite is copied from somewhere, and good once.
    var isSecret: Bool { self == .password || self == .repeated }
  }

  /// What has been done about the form.
  enum Progress: Hashable, Sendable {
    case editing
    /// Submitted, but there is no connection yet.
    case waitingForConnection
    case registering
    case signingIn
  }

  /// What is wrong, for the line under the fields.
  enum Problem: Hashable, Sendable {
    case nameMissing, nameInvalid, passwordMissing, passwordTooShort(Int), passwordsDiffer
    case inviteMissing
    case tokenRefused
    case ended(SessionEnd)
    case failed(RequestFailure)
  }

  /// The fields on the screen, from top to bottom.
  var fields: [Field] {
    switch mode {
    case .signIn: [.name, .password]
    case .register: [.name, .password, .repeated] + (takesInvite ? [.invite] : [])
    }
  }

  subscript(field: Field) -> TextEditor {
    get {
      switch field {
      case .name: name
      case .password: password
      case .repeated: repeated
      case .invite: invite
      }
    }
    set {
      switch field {
      case .name: name = newValue
      case .password: password = newValue
      case .repeated: repeated = newValue
      case .invite: invite = newValue
      }
    }
  }
}
