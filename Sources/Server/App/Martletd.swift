import ArgumentParser

/// The server's command line.
@main
struct Martletd: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "martletd", abstract: "The server of Martlet, chat for people in terminals.",
    version: "martletd \(version)",
    subcommands: [
      Serve.self, Config.self, UserCommand.self, InviteCommand.self, Stats.self, Audit.self,
      Doctor.self, Backup.self, Restore.self, Export.self, Migrate.self, NewEpoch.self,
    ],
    defaultSubcommand: Serve.self)
}
