import ArgumentParser
import Glibc
import MartletClient
import TUICore

/// The command `martlet`.
@main
struct Martlet: ParsableCommand {
  /// The client's version.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "martlet",
    abstract: "Chat for people who live in a terminal.",
    discussion: """
      The session is kept in a profile, one per identity, below $XDG_STATE_HOME/martlet or \
      ~/.local/state/martlet. Without --profile the first of 'default', 'default-2', 'default-3' … \
      that no other martlet uses is taken, so that the same command in a second terminal opens a \
      second, separate client.
      """,
    version: "martlet \(version)")

  @Option(
    help: ArgumentHelp(
      """
      The server, wss://host:port with TLS. [environment: MARTLET_SERVER; default: \
      ws://127.0.0.1:7788]
      """,
      valueName: "url"))
  var server: String?

  @Option(
    help: ArgumentHelp(
      """
      Whom to believe about the server's certificate, in PEM, instead of those that the system trusts. \
      [environment: MARTLET_CA_FILE]
      """, valueName: "path"), completion: .file())
  var caFile: String?

  @Option(help: ArgumentHelp("The profile, made when it is new.", valueName: "name"))
  var profile: ProfileName?

  @Option(
    help: ArgumentHelp(
      "The language of the interface. [default: by LC_ALL, LC_MESSAGES or LANG]",
      valueName: "en|zh"), completion: .list(["en", "zh"]))
  var language: InterfaceLanguage?

  @Option(
    help: ArgumentHelp(
      "How many cells the terminal gives characters such as “ and ①.", valueName: "1|2"),
    completion: .list(["1", "2"]))
  var ambiguousWidth = AmbiguousWidth.narrow

  @Flag(help: "Draw lines and signs with ASCII only.")
  var ascii = false

  @Flag(help: "Draw without colours. [environment: NO_COLOR]")
  var noColor = false

  @Flag(
    help: """
      Keep no history on this machine, and erase what was kept; what is not sent yet is kept all the \
      same. [environment: MARTLET_NO_CACHE]
      """)
  var noCache = false

  @Option(
    help: ArgumentHelp(
      "Append a log to this file. It holds no messages. [environment: MARTLET_LOG]",
      valueName: "path"), completion: .file())
  var logFile: String?

  @Option(
    help: ArgumentHelp(
      """
      Where files are saved. [environment: MARTLET_DOWNLOADS; default: the desktop's download folder, \
      or ~/Downloads]
      """, valueName: "directory"), completion: .directory)
  var downloads: String?

  @Option(
    help: ArgumentHelp(
      """
      The players to try for sounds, between commas, each with its arguments: {} stands for the file, - \
      for its bytes on standard input. [environment: MARTLET_PLAYERS; default: mpv, ffplay, paplay, \
      pw-play, aplay, afplay, mpg123, ogg123]
      """, valueName: "list"))
  var players: String?

  @Option(
    help: ArgumentHelp(
      "The program that opens files. [environment: MARTLET_OPENER; default: xdg-open]",
      valueName: "program"), completion: .file())
  var opener: String?

  @Flag(help: "Print what the terminal sends for each key, and what it is read as.")
  var keydump = false

  func run() throws {
    do {
      let environment = processEnvironment()
      guard !keydump else { return try KeyDump.run() }
      try runApplication(try options(in: environment))
    } catch {
      // The status below says it, too, to whoever has closed standard error.
      try? writeAll("martlet: \(error)\n".utf8, to: STDERR_FILENO)
      throw ExitCode.failure
    }
  }

  /// What the command line and the environment ask for together.
  func options(in environment: [String: String]) throws(StartError) -> LaunchOptions {
    let address: ServerAddress
    do {
      address = try ServerAddress(
        parsing: server ?? environment["MARTLET_SERVER"] ?? "ws://127.0.0.1:7788")
    } catch {
      throw StartError(error.description)
    }
    // https://no-color.org: set to anything but nothing.
    let noColour = noColor || !(environment["NO_COLOR"] ?? "").isEmpty
    return LaunchOptions(
      server: address, roots: try roots(for: address, in: environment), profile: profile,
      language: language?.language ?? TerminalLocale.language(in: environment),
      ambiguousWidth: ambiguousWidth, usesColour: !noColour, usesASCII: ascii,
      keepsHistory: !noCache && (environment["MARTLET_NO_CACHE"] ?? "").isEmpty,
      logFile: logFile ?? environment["MARTLET_LOG"], files: try fileOptions(in: environment),
      environment: environment)
  }

  private func roots(
    for server: ServerAddress, in environment: [String: String]
  ) throws(StartError) -> TLSPolicy.Roots {
    guard server.usesTLS, let path = caFile ?? environment["MARTLET_CA_FILE"] else {
      return .system
    }
    do {
      try TLSPolicy(roots: .file(path)).prepare()
    } catch {
      throw StartError(error.description)
    }
    return .file(path)
  }

  private func fileOptions(
    in environment: [String: String]
  ) throws(StartError) -> FileRunner.Options {
    var list = PlayerList.standard
    if let text = players ?? environment["MARTLET_PLAYERS"] {
      guard let named = PlayerList(parsing: text) else {
        throw StartError("The list of players names none: '\(text)'.")
      }
      list = named
    }
    #if os(macOS)
      let usualOpener = "open"
    #else
      let usualOpener = "xdg-open"
    #endif
    return FileRunner.Options(
      downloadFolder: downloads ?? environment["MARTLET_DOWNLOADS"]
        ?? DownloadFolder.standard(in: environment),
      opener: opener ?? environment["MARTLET_OPENER"] ?? usualOpener, players: list,
      programs: ProgramPath(environment["PATH"]))
  }
}

/// A language as the command line names it.
enum InterfaceLanguage: String, ExpressibleByArgument {
  case en
  case zh

  var language: Language {
    switch self {
    case .en: .english
    case .zh: .chinese
    }
  }
}

extension AmbiguousWidth: ExpressibleByArgument {
  /// Reads `1` or `2`.
  public init?(argument: String) {
    guard let width = Int(argument).flatMap(AmbiguousWidth.init(rawValue:)) else { return nil }
    self = width
  }
}

/// The environment of the process.
func processEnvironment() -> [String: String] {
  var environment: [String: String] = [:]
  var entry = environ
  while let text = entry.pointee {
    let pair = String(cString: text).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
    entry += 1
  }
  return environment
}
