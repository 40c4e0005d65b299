import ArgumentParser
import FoundationEssentials
import Glibc
import LoadCore
import MartletClient
import NIOCore
import NIOPosix

/// Puts a load on a chat server and says what became of it.
@main
struct MartletLoad: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "martlet-load",
    abstract: "Put a load on martletd or an XMPP server and measure it.",
    subcommands: [Talk.self, Idle.self])
}

enum ServerKind: String, ExpressibleByArgument { case martlet, xmpp }

struct ServerOptions: ParsableArguments {
  @Option(help: "What to talk to: martlet or xmpp.")
  var kind = ServerKind.martlet
  @Option(
    help: """
      The server's address, with a port; wss://… for TLS with martletd. Several with commas between are \
      nodes of one martletd.
      """)
  var address = "127.0.0.1:7799"
  @Option(help: "A PEM file of whom to believe about the server's certificate.")
  var roots: String?
  @Option(help: "The id of the user who is account number 0 of martletd.")
  var firstUser: Int64 = 1
  @Option(help: "How many threads read and write.")
  var threads = 1

  func driver(_ group: any EventLoopGroup) throws -> any Driver {
    let servers = try address.split(separator: ",").map { try ServerAddress(parsing: String($0)) }
    guard let server = servers.first else { throw ValidationError("There is no address.") }
    switch kind {
    case .martlet:
      let options = ConnectionOptions(tls: TLSPolicy(roots: roots.map { .file($0) } ?? .system))
      return MartletDriver(addresses: servers, options: options, firstUser: firstUser, group: group)
    case .xmpp: return XMPPDriver(host: server.host, port: server.port, group: group)
    }
  }
}

/// Prints one line of JSON.
func report(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// As many open files as the system lets this process have.
func raiseOpenFileLimit() {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// Signs accounts in, some at once.
func signIn<Accounts: Sequence<Int>>(
  _ accounts: Accounts, by driver: any Driver,
  received: @escaping @Sendable (Substring.UTF8View) -> Void = { _ in }
) async throws -> [any Speaker] {
  var speakers: [(Int, any Speaker)] = []
  try await withThrowingTaskGroup(of: (Int, any Speaker).self) { group in
    var rest = accounts.makeIterator()
    for _ in 0..<16 {
      guard let account = rest.next() else { break }
      group.addTask { (account, try await driver.signIn(account, received: received)) }
    }
    while let speaker = try await group.next() {
      speakers.append(speaker)
      guard let account = rest.next() else { continue }
      group.addTask { (account, try await driver.signIn(account, received: received)) }
    }
  }
  return speakers.sorted { $0.0 < $1.0 }.map(\.1)
}

struct Talk: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pairs of accounts talk, the one to the other.",
    discussion: """
      Account n talks to account n plus the number of pairs. Prints a JSON object: what was sent, \
      acknowledged and delivered, how fast, and how late in milliseconds, counted from when each message \
      was due.
      """)

  @OptionGroup var server: ServerOptions
  @Option(help: "How many pairs talk.")
  var pairs = 50
  @Option(help: "How many messages each pair has under way.")
  var window = 20
  @Option(help: "How many messages all pairs send a second, instead of a window.")
  var rate: Double?
  @Option(help: "Seconds before measuring begins.")
  var warmUp = 2.0
  @Option(help: "Seconds to measure.")
  var seconds = 10.0
  @Option(help: "So many of the receivers read one message a second.")
  var slow = 0

  func run() async throws {
    raiseOpenFileLimit()
    let texts = Texts(seed: 20_261_127)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: server.threads)
    let driver = try server.driver(group)
    let (talking, listening) = Run.accounts(ofPairs: pairs)
    let inbox = Inbox()
    // Threads of their own: whoever sleeps on one keeps everybody on it waiting.
    let slowly = try server.driver(MultiThreadedEventLoopGroup(numberOfThreads: max(1, slow)))
    var listeners = try await signIn(listening.prefix(slow), by: slowly) { body in
      inbox.take(body)
      sleep(1)
    }
    listeners += try await signIn(listening.dropFirst(slow), by: driver) { inbox.take($0) }
    let speakers = try await signIn(talking, by: driver)
    let run = Run(
      Run.Plan(
        pairs: pairs, pacing: rate.map { .rate($0) } ?? .window(window), warmUp: warmUp,
        seconds: seconds, slow: slow),
      driver: driver, texts: texts, start: now())
    inbox.open(run)
    try report(try await run.run(speakers: speakers))
    // The process ends with its connections.
    withExtendedLifetime(listeners) {}
  }
}

struct Idle: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Connections that say nothing.",
    discussion: "Prints how many there are once they are signed in, and stays until it is ended.")

  @OptionGroup var server: ServerOptions
  @Option(help: "How many connections.")
  var connections = 10_000

  func run() async throws {
    raiseOpenFileLimit()
    let driver = try server.driver(MultiThreadedEventLoopGroup(numberOfThreads: server.threads))
    let speakers = try await signIn(0..<connections, by: driver)
    try report(["connections": speakers.count])
    fflush(nil)
    while true { try await Task.sleep(for: .seconds(3600)) }
  }
}
