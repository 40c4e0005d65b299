import ArgumentParser
import Glibc
import TortureCore

/// `martlet-torture run`: a trial from its beginning to its verdict.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a trial.",
    discussion: """
      It ends with failure when a promise was broken, and says where the evidence is. The same seed \
      gives the same faults in the same order; what they meet is up to the machine.
      """)

  @Option(help: "What the faults are drawn from; at random if not given.")
  var seed: UInt64?

  @Option(help: "How many faults to bring about.")
  var faults = 100

  @Option(
    help: ArgumentHelp(
      "A kind to bring about; may be repeated. All, if not given.", valueName: "kind"))
  var only: [Fault.Kind] = []

  @Option(
    help: ArgumentHelp("How long they take altogether; 1.2 s each if not given.", valueName: "s"))
  var duration: Double?

  @Option(help: "How many clients converse, each a process of its own.")
  var clients = 6

  @Option(
    help: """
      How many servers there are: with more than one, on a database with a synchronous standby, which takes \
      over when the primary is killed.
      """)
  var nodes = 1

  @Option(
    help: ArgumentHelp("How many messages each client writes, on average.", valueName: "per-second")
  )
  var rate = 2.0

  @Option(
    help: ArgumentHelp("The server; the one beside this program if not given.", valueName: "path"))
  var martletd: String?

  @Option(help: ArgumentHelp("How long a fault lasts at most.", valueName: "s"))
  var longest = 12.0

  @Option(
    help: ArgumentHelp(
      "How long everybody has to catch up once all is healed.", valueName: "s"))
  var patience = 150.0

  @Flag(help: "Keep journals, logs and dump also when no promise was broken.")
  var keep = false

  @Flag(
    help: """
      Make the server acknowledge before it commits, and fail if that is not found out. Only a server \
      built for debugging can be made to.
      """)
  var expectViolation = false

  func validate() throws {
    guard faults > 0, (2...64).contains(clients), (1...9).contains(nodes), rate > 0,
      duration ?? 1 > 0, longest > 0,
      patience > 0
    else {
      throw ValidationError(
        "There must be a fault, 2 to 64 clients, 1 to 9 servers, and some time and rate.")
    }
  }

  func run() async throws {
    // A client that has just been killed is not worth dying for.
    signal(SIGPIPE, SIG_IGN)
    let seed = seed ?? UInt64.random(in: 0..<1_000_000_000)
    let programs = try Programs(martletd: martletd)
    if expectViolation { setenv("MARTLET_TORTURE_ACK_BEFORE_COMMIT", "1", 1) }
    let arena = try Arena()
    say("seed \(seed), in \(arena.path)")
    var kinds = nodes == 1 ? Fault.Kind.ofOneServer : Fault.Kind.ofSeveralServers
    if !only.isEmpty { kinds.formIntersection(only) }
    if kinds.contains(.diskFull), !arena.hasSmallDisk {
      say("No disk is filled: making a small one needs root.")
      kinds.remove(.diskFull)
    }
    let trial = Trial(
      seed: seed, faults: faults, kinds: kinds,
      meanWait: .seconds((duration ?? 1.2 * Double(faults)) / Double(faults)),
      longest: .seconds(longest), patience: .seconds(patience), messagesPerSecond: rate,
      clients: clients, servers: nodes, programs: programs, arena: arena)
    let report: Report
    do {
      report = try await trial.run()
    } catch {
      arena.keep()
      try await arena.end()
      say("The trial itself failed; logs are in \(arena.path).")
      throw error
    }
    print(report)
    let isAsItShouldBe =
      expectViolation
      ? report.violations.contains { $0.kind == .lost } : report.violations.isEmpty
    if keep || !isAsItShouldBe { arena.keep() }
    try await arena.end()
    if keep || !isAsItShouldBe { say("The evidence is in \(arena.path).") }
    if expectViolation {
      say(
        isAsItShouldBe
          ? "Found out, as it should be."
          : "A server that acknowledges before it commits was not found out.")
    }
    if !isAsItShouldBe { throw ExitCode(1) }
  }
}

extension Fault.Kind: ExpressibleByArgument {}
