import ArgumentParser
import MartletProtocol
import ServerCore

/// `martletd stats`: how much there is.
struct Stats: AdministrationCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how much there is, and how many are connected.")
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run(_ administrator: Administrator) async throws(OperatorError) {
    var statistics = try await administrator.perform(ReadStatistics())
    if !administrator.isServer { (statistics.online, statistics.connections) = (nil, nil) }
    if json { return try Report.json(statistics) }
    let database = statistics.database
    print(
      Report.table([
        [
          "Connected",
          statistics.online.map { "\($0) people, \(statistics.connections ?? 0) devices" }
            ?? "no server runs",
        ],
        ["Accounts", "\(database.accounts), signed in on \(database.sessions) devices"],
        ["Conversations", "\(database.conversations)"],
        ["Messages", "\(database.messages < 100_000 ? "" : "about ")\(database.messages)"],
        ["Files", "\(database.files), \(Report.bytes(database.fileBytes))"],
        ["Database", "\(Report.bytes(database.databaseBytes)), schema \(database.schema)"],
      ]))
  }
}

/// `martletd audit`: what was done.
struct Audit: AdministrationCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say who signed in, and what was done that cannot be undone; the newest first.")
  @Option(help: "Only what concerns this account.") var user: String?
  @Option(
    help: ArgumentHelp(
      "Only this; one of "
        + "\(AuditEntry.Event.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "word"))
  var event: AuditEntry.Event?
  @Option(help: ArgumentHelp("How many at most.", valueName: "number")) var limit = 100
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run(_ administrator: Administrator) async throws(OperatorError) {
    var entries: [AuditRecord] = []
    while entries.count < limit {
      let wanted = min(limit - entries.count, ReadAudit.page)
      let page = try await administrator.perform(
        ReadAudit(
          user: user, event: event?.rawValue, before: entries.last?.id, limit: wanted))
      entries += page
      guard page.count == wanted else { break }
    }
    try Report.list(
      entries, asJSON: json, ["WHEN", "EVENT", "ACCOUNT", "SESSION", "FROM", "DETAIL"]
    ) { entry in
      [
        "\(entry.at)", entry.event,
        entry.user.map { "\($0) \(entry.name ?? "")" } ?? "-",
        entry.session.map { "\($0)" } ?? "-", entry.origin, entry.detail,
      ]
    }
  }
}

extension AuditEntry.Event: ExpressibleByArgument {}
