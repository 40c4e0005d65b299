import ArgumentParser

/// The command line. The process that runs a trial starts itself again for every client, so that a
/// client can be killed alone.
@main
struct MartletTorture: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "martlet-torture",
    abstract: "Breaks everything under a conversation, and checks that nothing was lost.",
    discussion: "docs/reliability.md says what is promised and how it is checked.",
    subcommands: [RunCommand.self, CheckCommand.self, ClientCommand.self],
    defaultSubcommand: RunCommand.self)
}
