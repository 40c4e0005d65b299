import ArgumentParser
import MartletProtocol
import ServerCore

/// `martletd invite`: the codes with which accounts are made while registration is by invite.
struct InviteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite", abstract: "Look after invites, for --registration invite.",
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: AdministrationCommand {
    static let configuration = CommandConfiguration(abstract: "Make an invite, and print it.")
    @Option(help: ArgumentHelp("How many accounts can be made with it.", valueName: "number"))
    var uses: Int64 = 1
    @Option(
      name: .customLong("for"),
      help: ArgumentHelp("How long it lasts, as 90s, 15m, 12h or 7d.", valueName: "time"))
    var span: Span?
    @Option(help: ArgumentHelp("What it is for; only operators see it.", valueName: "text"))
    var note = ""
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func validate() throws {
      guard (1...1_000_000).contains(uses) else {
        throw ValidationError("--uses is a number from 1 to 1000000.")
      }
      guard note.utf8.count <= 1000, !note.contains("\0") else {
        throw ValidationError("A note has at most 1000 bytes.")
      }
    }

    func run(_ administrator: Administrator) async throws(OperatorError) {
      let invite = try await administrator.perform(
        CreateInvite(uses: uses, seconds: span?.seconds, note: note))
      if json { return try Report.json(invite) }
      print(invite.code)
    }
  }

  struct List: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the invites that can be used.")
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      try Report.list(
        try await administrator.perform(ListInvites()), asJSON: json,
        ["CODE", "USES LEFT", "CREATED", "EXPIRES", "NOTE"]
      ) { invite in
        [
          invite.code, "\(invite.usesLeft)", Report.date(invite.createdAt),
          Report.date(invite.expiresAt), invite.note,
        ]
      }
    }
  }

  struct Revoke: AdministrationCommand {
    static let configuration = CommandConfiguration(abstract: "Make an invite void.")
    @Argument(help: "The code.") var code: String
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      _ = try await administrator.perform(RevokeInvite(code: code))
    }
  }
}
