import MartletProtocol

/// A program that plays sound, with what has to be said to it.
public struct Player: Hashable, Sendable {
  /// The program's name, to be found on PATH, or its path.
  public let program: String
  /// Its arguments. `{}` stands for the file, wherever it occurs as a whole argument.
  let arguments: [String]
  /// The arguments with which it reads the sound from its standard input; `nil` when it cannot.
  let streamingArguments: [String]?
  /// What it plays.
  let formats: Set<AttachmentFormat>

  init(
    _ program: String, _ arguments: [String], streaming: [String]? = nil,
    formats: Set<AttachmentFormat> = sounds
  ) {
    self.program = program
    self.arguments = arguments
    streamingArguments = streaming
    self.formats = formats
  }

  static let sounds = Set(AttachmentFormat.allCases.filter { $0.kind == .audio })

  /// What stands for the file among the arguments.
  static let placeholder = "{}"

  // A sound comes from somebody else: it must not make its player fetch what it names.
  private static let mpv = [
    "--no-config", "--no-terminal", "--no-video", "--load-scripts=no",
    "--access-references=no",
  ]
  private static let ffplay = [
    "-nodisp", "-autoexit", "-loglevel", "quiet", "-protocol_whitelist", "file,pipe",
  ]

  /// The players known, the most capable first.
  static let known: [Player] = [
    Player("mpv", mpv + ["--", "{}"], streaming: mpv + ["-"]),
    Player("ffplay", ffplay + ["-i", "{}"], streaming: ffplay + ["-i", "pipe:0"]),
    Player("paplay", ["{}"], formats: [.wav, .flac, .ogg]),
    Player("pw-play", ["{}"], formats: [.wav, .flac, .ogg]),
    Player("aplay", ["-q", "{}"], streaming: ["-q", "-"], formats: [.wav]),
    Player("afplay", ["{}"], formats: [.mp3, .wav, .m4a, .flac]),
    Player("mpg123", ["-q", "{}"], streaming: ["-q", "-"], formats: [.mp3]),
    Player("ogg123", ["-q", "{}"], streaming: ["-q", "-"], formats: [.ogg, .flac]),
  ]

  /// Formats whose beginning can be played before the end has arrived. An m4a may have the table of its
  /// samples at the end.
  static let streamable: Set<AttachmentFormat> = sounds.subtracting([.m4a])
}

/// Which player plays a sound.
public struct PlayerChoice: Hashable, Sendable {
  /// The player.
  public let player: Player
  /// Whether the sound goes to its standard input while it arrives.
  public let isStreaming: Bool

  /// The arguments to run it with.
  ///
  /// - Parameter path: the file, which a player that is streamed to is not told of.
  public func arguments(path: String) -> [String] {
    isStreaming ? player.streamingArguments ?? [] : fileArguments(path: path)
  }

  /// The arguments for a file that is whole.
  public func fileArguments(path: String) -> [String] {
    player.arguments.map { $0 == Player.placeholder ? path : $0 }
  }
}

/// The players to try, in order.
public struct PlayerList: Hashable, Sendable {
  let players: [Player]

  /// Those that Martlet knows.
  public static let standard = PlayerList(players: Player.known)

  private init(players: [Player]) { self.players = players }

  /// Reads a setting such as `mpv,aplay` or `/opt/bin/play --quiet {}`: entries between commas, each a
  /// program with its arguments between blanks. One that Martlet knows and that has no arguments is run
  /// as Martlet knows it; another gets the file in the place of `{}`, or at the end, or, with `-`
  /// among its arguments, on its standard input. Nothing is expanded, and no shell sees it. `nil` when
  /// no program is named.
  public init?(parsing text: String) {
    let entries = text.split(separator: ",").map { $0.split(separator: " ").map(String.init) }
    let players = entries.compactMap { words -> Player? in
      guard let program = words.first else { return nil }
      let arguments = Array(words.dropFirst())
      if arguments.isEmpty, let known = Player.known.first(where: { $0.program == program }) {
        return known
      }
      if arguments.contains("-") {
        let file = arguments.map { $0 == "-" ? Player.placeholder : $0 }
        return Player(program, file, streaming: arguments)
      }
      let hasPlace = arguments.contains(Player.placeholder)
      return Player(program, hasPlace ? arguments : arguments + [Player.placeholder])
    }
    guard !players.isEmpty else { return nil }
    self.players = players
  }

  /// The first player that is there and plays a format.
  ///
  /// - Parameter isThere: whether a program can be run.
  public func choose(for format: AttachmentFormat, isThere: (String) -> Bool) -> PlayerChoice? {
    players.first { $0.formats.contains(format) && isThere($0.program) }.map { player in
      PlayerChoice(
        player: player,
        isStreaming: player.streamingArguments != nil && Player.streamable.contains(format))
    }
  }

  /// The names of those that play a format, for people.
  public func names(for format: AttachmentFormat) -> [String] {
    players.filter { $0.formats.contains(format) }.map(\.program)
  }
}
