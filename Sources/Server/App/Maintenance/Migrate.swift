import ArgumentParser
import ServerCore

/// `martletd migrate`: brings the schema up to date, as the start of the server does.
struct Migrate: AdministrationCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the database's schema up to date, as `serve` does at its start.")
  @OptionGroup(title: "Settings") var flags: SettingFlags

  func run(_ administrator: Administrator) async throws(OperatorError) {
    // Whoever is asked has migrated before it answers.
    let schema = try await administrator.perform(ReadStatistics()).database.schema
    print("The database has schema \(schema).")
    guard schema == Migrator.newest else {
      throw OperatorError(
        "This program is for schema \(Migrator.newest): the server that runs is of another version; "
          + "start it again.")
    }
  }
}
