import Glibc
import MartletClient
import TUICore

/// What the application was asked to be, after the command line and the environment.
struct LaunchOptions: Sendable {
  var server: ServerAddress
  /// Who may vouch for it.
  var roots = TLSPolicy.Roots.system
  /// `nil` takes a default profile that nobody uses.
  var profile: ProfileName?
  var language: Language
  var ambiguousWidth: AmbiguousWidth
  var usesColour: Bool
  var usesASCII: Bool
  /// Whether a history is kept on this machine.
  var keepsHistory = true
  var logFile: String?
  var files: FileRunner.Options
  var environment: [String: String]
}

/// Puts the application together and runs it until the user leaves.
///
/// - Throws: ``StartError``, with the terminal as it was.
func runApplication(_ options: LaunchOptions) throws(StartError) {
  try TerminalLocale.establish()
  let time = ClientTime.system
  let logger = try LogFile.logger(path: options.logFile, time: time)
  let state = try Profile.stateDirectory(in: options.environment)
  let profile = try Profile.claim(options.profile, in: state)
  let tokens = TokenFile(in: profile.directory)
  let stored = try tokens.session(for: options.server)
  let knownHosts = KnownHosts(in: state)
  var policy = TLSPolicy(roots: options.roots)
  if options.server.usesTLS { policy.pin = try knownHosts.entry(for: options.server)?.key }

  let pipe: WakePipe
  do {
    pipe = try WakePipe()
  } catch {
    throw StartError("The system has no room for another program: \(error).")
  }
  let terminal = try CursesSession(environment: options.environment)
  Signals.watch(pipe)
  let palette = Palette(usesColour: options.usesColour)
  let queue = ActionQueue(waking: pipe)

  var client = ClientConfiguration(
    address: options.server, name: "martlet/\(Martlet.version)", device: hostName())
  client.connection.tls = policy
  client.time = time
  client.logger = logger
  let cache = HistoryStore(
    directory: profile.directory, server: options.server, logger: logger,
    report: { queue.post(.cacheFailed($0)) })
  // Without a token nobody may see it, and a sign-out that was cut short is completed.
  if !options.keepsHistory || tokens.isMissing { cache.erase() }
  let history = options.keepsHistory ? cache : nil
  let restored = stored.flatMap { history?.restore(for: $0.name) }
  if let history { client.cursors = { await history.cursors() } }
  let session = ChatSession(
    configuration: client, queue: queue,
    tokens: TokenKeeper(file: tokens, server: options.server, logger: logger),
    knownHosts: knownHosts, known: restored.map { ($0.owner.serverID, $0.owner.epoch) })
  let saved = SavedStateKeeper(
    directory: profile.directory, server: options.server, logger: logger,
    report: { queue.post(.savingFailed($0)) })

  let files = FileRunner(
    in: profile.directory, options: options.files, transfers: { session.transfers },
    post: { queue.post(.attachments($0)) })

  let configuration = Configuration(
    server: options.server.title, transport: options.server.transport,
    profile: profile.name.description, hasToken: stored != nil, hasCache: history != nil,
    language: options.language, ambiguousWidth: options.ambiguousWidth,
    usesColour: palette.depth != .none, usesASCII: options.usesASCII,
    pictureColours: palette.pictureColours, homeDirectory: options.environment["HOME"] ?? "/",
    workingDirectory: currentDirectory(),
    localTime: LocalClock.localTime)
  if let stored { session.start(.token(stored.token)) } else { session.greet() }
  AppLoop(
    configuration: configuration, terminal: terminal, screen: CursesScreen(palette: palette),
    pipe: pipe, queue: queue, session: session, saved: saved, history: history,
    restored: restored?.session, files: files, time: time
  ).run()
  // The terminal first: nobody should have to look at what is left to do.
  Signals.unwatch()
  terminal.end()
  files.close()
  saved.close()
  cache.close()
  session.leave()
  // The lock must outlive everything that writes to the profile.
  withExtendedLifetime(profile) {}
}

extension ServerAddress {
  /// The address as people know it: without the port that is meant anyway.
  fileprivate var title: String {
    let text = authority
    return port == Self.defaultPort ? String(text.dropLast(":\(port)".count)) : text
  }

  fileprivate var transport: Transport {
    usesTLS ? .encrypted : isLoopback ? .local : .plain
  }
}

/// Where relative paths begin.
private func currentDirectory() -> String {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  guard getcwd(&buffer, buffer.count) != nil else { return "/" }
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// What this machine is called, for the list of sessions.
private func hostName() -> String {
  var name = utsname()
  guard uname(&name) == 0 else { return "terminal" }
  let text = withUnsafeBytes(of: &name.nodename) {
    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
  }
  return text.isEmpty ? "terminal" : text
}
