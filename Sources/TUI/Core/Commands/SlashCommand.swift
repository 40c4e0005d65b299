import MartletProtocol

/// The commands that are typed rather than pressed.
enum SlashCommand: String, Hashable, Sendable, CaseIterable {
  case help, msg, search, send, save, open, view, play, stop, clear
  case clearHistory = "clear-history"
  case sessions, passwd, reconnect, logout, quit

  /// What is typed, without the slash.
  var name: String { rawValue }

  /// What stands behind the name; empty for a command without arguments.
  func usage(_ strings: Strings) -> String {
    switch self {
    case .msg: strings.usageMessage
    case .search: strings.usageSearch
    case .send: strings.files.usageSend
    case .save: strings.files.usageSave
    case .open, .view, .play, .stop: ""
    case .help, .clear, .clearHistory, .sessions, .passwd, .reconnect, .logout, .quit: ""
    }
  }

  /// What it does, for completion and help.
  func summary(_ strings: Strings) -> String {
    switch self {
    case .help: strings.slashHelp
    case .msg: strings.slashMessage
    case .search: strings.slashSearch
    case .send: strings.files.slashSend
    case .save: strings.files.slashSave
    case .open: strings.files.slashOpen
    case .view: strings.files.slashView
    case .play: strings.files.slashPlay
    case .stop: strings.files.slashStop
    case .clear: strings.slashClear
    case .clearHistory: strings.slashClearHistory
    case .sessions: strings.slashSessions
    case .passwd: strings.slashPassword
    case .reconnect: strings.slashReconnect
    case .logout: strings.slashLogout
    case .quit: strings.slashQuit
    }
  }
}

/// What the text in the input line turns out to be when Enter is pressed.
enum InputLine: Hashable, Sendable {
  /// To be sent as it is.
  case text(String)
  case command(SlashCommand, arguments: String)
  /// No such command; the nearest one, if any is near.
  case unknown(String, nearest: SlashCommand?)

  /// A text that starts with a slash and a letter is a command; `//` sends a text with one slash. A
  /// path such as `/etc/hosts` reads as an unknown command, so that no mistyped command is ever sent.
  init(_ text: String) {
    guard text.hasPrefix("/") else {
      self = .text(text)
      return
    }
    if text.hasPrefix("//") {
      self = .text(String(text.dropFirst()))
      return
    }
    let line = text.dropFirst()
    let name = line.prefix { !$0.isWhitespace }
    let rest = line.dropFirst(name.count)
    guard let command = SlashCommand(rawValue: name.lowercased()) else {
      self = .unknown(String(name), nearest: Self.nearest(to: name.lowercased()))
      return
    }
    self = .command(command, arguments: String(rest.drop(while: \.isWhitespace)))
  }

  private static func nearest(to name: String) -> SlashCommand? {
    guard !name.isEmpty, name.count <= 20 else { return nil }
    let candidates = SlashCommand.allCases.map { command in
      let isStart = command.name.hasPrefix(name)
      return (command, isStart ? 0 : editDistance(Array(name), Array(command.name)))
    }
    guard let best = candidates.min(by: { $0.1 < $1.1 }), best.1 <= 2 else { return nil }
    return best.0
  }
}
