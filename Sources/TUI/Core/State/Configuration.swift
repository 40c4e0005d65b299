import MartletProtocol

/// What the shell knows when it starts.
public struct Configuration: Sendable {
  /// The server as the user named it, for the title bar, such as `chat.example.org`.
  public var server: String
  /// What protects the way to it.
  public var transport: Transport
  /// The profile's name; shown in the title bar unless it is `default`.
  public var profile: String
  /// Whether a token is stored, so that the first screen is the chat rather than the sign-in form.
  public var hasToken: Bool
  /// Whether there is a local history to read from and to keep.
  public var hasCache: Bool
  /// The language of every word on the screen.
  public var language: Language
  /// How the terminal draws ambiguous characters.
  public var ambiguousWidth: AmbiguousWidth
  /// `false` under `NO_COLOR` and on terminals without colours.
  public var usesColour: Bool
  /// `true` draws lines and signs with ASCII only.
  public var usesASCII: Bool
  /// The colours that pictures may have.
  public var pictureColours: PictureRequest.Colours
  /// What `~` stands for in the path of a file.
  public var homeDirectory: String
  /// Where relative paths begin.
  public var workingDirectory: String
  /// Converts to the user's local time; called for what is on the screen only.
  public var localTime: @Sendable (Timestamp) -> LocalTime

  public init(
    server: String, transport: Transport = .local, profile: String, hasToken: Bool,
    hasCache: Bool = false, language: Language,
    ambiguousWidth: AmbiguousWidth = .narrow, usesColour: Bool = true, usesASCII: Bool = false,
    pictureColours: PictureRequest.Colours = .none, homeDirectory: String = "/",
    workingDirectory: String = "/", localTime: @escaping @Sendable (Timestamp) -> LocalTime
  ) {
    self.server = server
    self.transport = transport
    self.profile = profile
    self.hasToken = hasToken
    self.hasCache = hasCache
    self.language = language
    self.ambiguousWidth = ambiguousWidth
    self.usesColour = usesColour
    self.usesASCII = usesASCII
    self.pictureColours = pictureColours
    self.homeDirectory = homeDirectory
    self.workingDirectory = workingDirectory
    self.localTime = localTime
  }
}

/// A moment on the user's own clock and calendar.
public struct LocalTime: Hashable, Sendable {
  public var year: Int
  /// 1 to 12.
  public var month: Int
  /// 1 to 31.
  public var day: Int
  /// 0 for Sunday to 6 for Saturday, as in `tm_wday`.
  public var weekday: Int
  public var hour: Int
  public var minute: Int

  public init(year: Int, month: Int, day: Int, weekday: Int, hour: Int, minute: Int) {
    self.year = year
    self.month = month
    self.day = day
    self.weekday = weekday
    self.hour = hour
    self.minute = minute
  }
}

/// What a reducer may ask the world for, given with every action.
public struct Environment {
  /// The time of the action.
  public var now: Timestamp
  /// Makes a key that has never been used.
  public var makeKey: () -> IdempotencyKey

  public init(now: Timestamp, makeKey: @escaping () -> IdempotencyKey) {
    self.now = now
    self.makeKey = makeKey
  }
}
