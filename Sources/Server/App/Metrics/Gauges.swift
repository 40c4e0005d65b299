import CoreMetrics
import Glibc
import ServerCore

/// What is looked at when somebody asks, rather than counted as it happens.
struct Gauges: Sendable {
  let chat: Chat
  let connections: Connections
  let database: Database
  private let startedAt = time(nil)

  init(chat: Chat, connections: Connections, database: Database) {
    self.chat = chat
    self.connections = connections
    self.database = database
  }

  /// Brings the gauges up to date.
  func collect() async {
    let signedIn = chat.hub.counts
    Measures.connections.set(connections.count)
    Measures.signedInConnections.set(signedIn.connections)
    Measures.signedInUsers.set(signedIn.users)
    Measures.queuedMessages.set(database.writer.queued)
    Measures.databaseUp.set(await database.isReady() ? 1 : 0)
    if let pages = Self.residentPages {
      Measures.residentMemory.set(pages * sysconf(Int32(_SC_PAGESIZE)))
    }
    Measures.processorTime.set(Self.processorSeconds)
    Measures.startTime.set(startedAt)
  }

  /// Of this process; see proc(5).
  private static var residentPages: Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Int(fields[1]) : nil
  }

  private static var processorSeconds: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
    }
  }
}
