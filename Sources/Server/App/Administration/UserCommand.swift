import ArgumentParser
import MartletProtocol
import ServerCore

/// `martletd user`: the accounts.
struct UserCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Look after accounts.",
    discussion:
      "Takes the flags of `serve`, to find the server that they mean. Where none runs, the database is "
      + "changed directly.",
    subcommands: [
      Add.self, List.self, Show.self, Passwd.self, Disable.self, Enable.self, Mute.self,
      Unmute.self, Delete.self, Sessions.self, SignOut.self,
    ])

  struct Name: ParsableArguments {
    @Argument(help: "The name, in any case.") var name: String
  }

  struct Add: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an account.",
      discussion: "The password is asked for, or read from the first line of standard input.")
    @OptionGroup var user: Name
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      let password = try Prompt.password(for: user.name)
      let made = try await administrator.perform(AddUser(name: user.name, password: password))
      print("'\(made.name)' has account \(made.id).")
    }
  }

  struct List: AdministrationCommand {
    static let configuration = CommandConfiguration(abstract: "List the accounts.")
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      var accounts: [AccountRecord] = []
      while true {
        let page = try await administrator.perform(
          ListUsers(after: accounts.last?.id ?? UserID(0)))
        accounts += page
        guard page.count == ListUsers.page else { break }
      }
      try Report.list(
        accounts, asJSON: json, ["ID", "NAME", "STATE", "CREATED", "LAST SEEN", "DEVICES", "FILES"]
      ) { account in
        [
          "\(account.id)", account.name, account.state, Report.date(account.createdAt),
          account.online ? "now" : Report.date(account.lastSeen), "\(account.sessions)",
          Report.bytes(account.fileBytes),
        ]
      }
    }
  }

  struct Show: AdministrationCommand {
    static let configuration = CommandConfiguration(abstract: "Show an account.")
    @OptionGroup var user: Name
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      let account = try await administrator.perform(ShowUser(user: user.name))
      if json { return try Report.json(account) }
      print(
        Report.table([
          ["Name", account.name],
          ["Account", "\(account.id), since \(Report.date(account.createdAt))"],
          ["State", account.state],
          ["Last seen", account.online ? "now" : Report.date(account.lastSeen)],
          ["Devices", "\(account.sessions)"],
          ["Conversations", "\(account.conversations)"],
          ["Files", "\(account.files), \(Report.bytes(account.fileBytes))"],
        ]))
    }
  }

  struct Passwd: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set a password, and sign all devices out.",
      discussion: "The password is asked for, or read from the first line of standard input.")
    @OptionGroup var user: Name
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      let password = try Prompt.password(for: user.name)
      _ = try await administrator.perform(SetPassword(user: user.name, password: password))
    }
  }

  struct Disable: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign somebody out, and let nobody sign in to the account.")
    @OptionGroup var user: Name
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      _ = try await administrator.perform(SetDisabled(user: user.name, isDisabled: true))
    }
  }

  struct Enable: AdministrationCommand {
    static let configuration = CommandConfiguration(abstract: "Let somebody sign in again.")
    @OptionGroup var user: Name
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      _ = try await administrator.perform(SetDisabled(user: user.name, isDisabled: false))
    }
  }

  struct Mute: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let somebody read, but not write.")
    @OptionGroup var user: Name
    @Option(
      name: .customLong("for"),
      help: ArgumentHelp("For how long, as 90s, 15m, 12h or 7d.", valueName: "time"))
    var span: Span?
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      _ = try await administrator.perform(
        SetMuted(user: user.name, isMuted: true, seconds: span?.seconds))
    }
  }

  struct Unmute: AdministrationCommand {
    static let configuration = CommandConfiguration(abstract: "Let somebody write again.")
    @OptionGroup var user: Name
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      _ = try await administrator.perform(SetMuted(user: user.name, isMuted: false))
    }
  }

  struct Delete: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take an account away, for good.",
      discussion: """
        Its name, password and devices go, and the files that it has sent nobody. What it has written stays \
        with those to whom it wrote, under a name that says that the account was deleted; with \
        --conversations that goes, too.
        """)
    @OptionGroup var user: Name
    @Flag(help: "Clear all its conversations, for the others as well.") var conversations = false
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      let account = try await administrator.perform(ShowUser(user: user.name))
      if !yes {
        try Prompt.confirm(
          "Delete account \(account.id), '\(account.name.asLogLine)'"
            + (conversations
              ? ", and \(account.conversations) conversations for all in them?" : "?"))
      }
      _ = try await administrator.perform(
        DeleteUser(user: user.name, withConversations: conversations))
    }
  }

  struct Sessions: AdministrationCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the devices on which somebody is signed in.")
    @OptionGroup var user: Name
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      try Report.list(
        try await administrator.perform(ListUserSessions(user: user.name)), asJSON: json,
        ["ID", "DEVICE", "SINCE", "LAST USED"]
      ) { session in
        [
          "\(session.id)", session.device, Report.date(session.createdAt),
          session.online ? "now" : Report.date(session.lastUsedAt),
        ]
      }
    }
  }

  struct SignOut: AdministrationCommand {
    static let configuration = CommandConfiguration(
      commandName: "sign-out", abstract: "Sign out one of somebody's devices, or all.")
    @OptionGroup var user: Name
    @Option(help: ArgumentHelp("Only this one, as `user sessions` lists it.", valueName: "id"))
    var session: Int64?
    @OptionGroup(title: "Settings") var flags: SettingFlags

    func run(_ administrator: Administrator) async throws(OperatorError) {
      let count = try await administrator.perform(
        EndUserSessions(user: user.name, session: session.map { SessionID($0) }))
      print("\(count) signed out.")
    }
  }
}

extension AccountRecord {
  /// What holds for it, in a word or two.
  fileprivate var state: String {
    if disabledAt != nil { return "disabled" }
    guard let mutedUntil else { return "active" }
    let isForEver = mutedUntil >= Timestamp(milliseconds: .max)
    return isForEver ? "muted" : "muted until \(Report.date(mutedUntil))"
  }
}
