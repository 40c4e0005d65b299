/// One row of the keymap: where, which keys, what happens, and how help puts it.
struct KeyBinding: Sendable {
  let mode: KeyMode
  let keys: [KeyEvent]
  let command: Command
  let help: any KeyPath<Strings, String> & Sendable

  init(
    _ mode: KeyMode, _ keys: [KeyEvent], _ command: Command,
    _ help: any KeyPath<Strings, String> & Sendable
  ) {
    self.mode = mode
    self.keys = keys
    self.command = command
    self.help = help
  }
}

/// A group of bindings that are in force together.
enum KeyMode: Hashable, Sendable, CaseIterable {
  case application, editing, form, chat, input, contacts, help, switcher, confirmation
  case query, hits, dialog, sessions, messages, viewer
}

/// Who gets the keys: the modes in force, the first one that binds a key wins.
enum KeyContext: Hashable, Sendable, CaseIterable {
  case form, input, contacts, help, switcher, confirmation, query, hits, dialog, sessions
  case messages, viewer

  /// The modes in force, in the order in which help lists them. No key is bound in two of them.
  var modes: [KeyMode] {
    switch self {
    case .form: [.form, .editing, .application]
    case .input: [.input, .chat, .editing, .application]
    case .contacts: [.contacts, .chat, .application]
    case .help: [.help, .application]
    case .switcher: [.switcher, .editing, .application]
    case .confirmation: [.confirmation, .application]
    case .query: [.query, .editing, .application]
    case .hits: [.hits, .application]
    case .dialog: [.dialog, .editing, .application]
    case .sessions: [.sessions, .application]
    case .messages: [.messages, .application]
    case .viewer: [.viewer, .application]
    }
  }
}

/// The one table of keys. Input is looked up in it and help is printed from it.
struct Keymap: Sendable {
  /// The rows, in the order in which help lists them.
  let bindings: [KeyBinding]
  private let lookup: [KeyMode: [KeyEvent: Command]]

  init(_ bindings: [KeyBinding]) {
    self.bindings = bindings
    var lookup: [KeyMode: [KeyEvent: Command]] = [:]
    for binding in bindings {
      for key in binding.keys { lookup[binding.mode, default: [:]][key] = binding.command }
    }
    self.lookup = lookup
  }

  /// What a key does in a context; `nil` when it is not bound there.
  func command(for key: KeyEvent, in context: KeyContext) -> Command? {
    for mode in context.modes {
      if let command = lookup[mode]?[key] { return command }
    }
    return nil
  }

  /// The rows in force in a context, in the order in which help lists them.
  func bindings(in context: KeyContext) -> [KeyBinding] {
    context.modes.flatMap { mode in bindings.filter { $0.mode == mode } }
  }
}
