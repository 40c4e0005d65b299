import MartletProtocol

/// Everything the client knows. Only `apply` changes it.
public struct AppState: Sendable {
  /// What the shell knew at start.
  public let configuration: Configuration
  /// The terminal's size.
  public internal(set) var size: Size

  var screen: Screen
  var signIn = SignInState()
  var chat = ChatState()
  var overlay: Overlay?
  /// The help page, on top of everything: what answers arrive for the overlay below find it there.
  var help: HelpState?
  var notice: Notice?
  var connection = ConnectionStatus.connecting(attempt: 1)
  /// Whether requests can be made: there is a connection, and a session on it.
  var isOnline = false
  /// Who is signed in; kept through a lost connection.
  var user: User?
  var limits = Limits()
  /// Whether the terminal has the keyboard; assumed until it says otherwise.
  var hasFocus = true
  /// Whether the last key was an interrupt on an empty input.
  var isInterruptArmed = false
  /// Whether the timer is running at whose end what failed is asked for again.
  var isRetryTimerRunning = false
  /// Whose presence the server was last asked to tell of; `nil` when it has not been asked.
  var watched: [UserID]?
  /// Whether the set may not change just yet.
  var isWatchTimerRunning = false
  /// Whether the server knows of watching: an older one tells of everybody.
  var canWatch = true
  /// The time of the last action.
  var now = Timestamp(milliseconds: 0)
  var lastTitle = ""

  let strings: Strings
  let metrics: TextMetrics
  let symbols: Symbols
  let keymap = Keymap.standard

  /// The state at start. Nothing is asked for yet; the shell connects by itself and says so.
  public init(configuration: Configuration, size: Size) {
    self.configuration = configuration
    self.size = size
    screen = configuration.hasToken ? .chat : .signIn
    strings = Strings.inLanguage(configuration.language)
    metrics = TextMetrics(ambiguousWidth: configuration.ambiguousWidth)
    symbols = Symbols(
      usesASCII: configuration.usesASCII || configuration.ambiguousWidth == .wide)
  }

  /// Who gets the keys.
  var keyContext: KeyContext {
    switch overlay {
    case _ where help != nil: .help
    case .quit, .sendFile: .confirmation
    case .viewer: .viewer
    case .switcher: .switcher
    case .clearing, .password, .trust: .dialog
    case .sessions: .sessions
    case .everywhere: .hits
    case nil where screen == .chat && chat.search != nil:
      chat.search?.stage == .query ? .query : .hits
    case nil:
      switch (screen, chat.focus) {
      case (.signIn, _): .form
      case (.chat, .contacts): .contacts
      case (.chat, .input): .input
      case (.chat, .messages): .messages
      }
    }
  }

  /// Whether something is drawn over the screen.
  var isCovered: Bool { overlay != nil || help != nil }
}

/// The two screens.
enum Screen: Hashable, Sendable {
  case signIn, chat
}
