import ArgumentParser
import Glibc
import MartletClient
import MartletProtocol
import NIOPosix
import TortureCore

/// One client of a trial. It lives until its standard input ends: however the process of the trial
/// goes, it goes, too.
struct ClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client", abstract: "One client; started by a trial.", shouldDisplay: false)

  @Option var server: String
  @Option var journal: String
  @Option var name: String
  @Option var seed: UInt64
  @Option(help: "How many messages to one target may be on their way at a time.")
  var window: Int

  func run() async throws {
    let (file, journal) = try JournalFile.open(journal)
    try file.append([.started(window: window)])
    let inbox = ClientInbox()
    try readOrders(into: inbox)
    let ticking = Task {
      while true {
        // Thrown when cancelled, which ends it.
        try await Task.sleep(for: .milliseconds(100))
        inbox.append(.timer)
      }
    }
    defer { ticking.cancel() }
    var life = ClientLife(
      address: try ServerAddress(parsing: server), name: name, seed: seed, file: file,
      participant: Participant(window: window, replaying: journal.entries), inbox: inbox)
    try await life.run()
  }

  private func readOrders(into inbox: ClientInbox) throws {
    // A thread of its own: reading blocks.
    let thread = NIOThreadPool(numberOfThreads: 1)
    thread.start()
    thread.submit { _ in
      while let line = readLine() {
        if let order = ClientOrder(line: line) { inbox.append(.order(order)) }
      }
      inbox.append(.end)
    }
  }
}
