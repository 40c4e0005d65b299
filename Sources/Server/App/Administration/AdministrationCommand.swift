import ArgumentParser
import FoundationEssentials
import Logging

/// A command that asks for acts: it takes the settings of `serve`, to find the server that they mean.
protocol AdministrationCommand: AsyncParsableCommand {
  var flags: SettingFlags { get }

  func run(_ administrator: Administrator) async throws(OperatorError)
}

extension AdministrationCommand {
  func run() async throws {
    do throws(OperatorError) {
      let configuration = try await flags.configuration()
      try await Administrator.with(configuration, logger: .onStandardError(.warning)) {
        administrator throws(OperatorError) in try await run(administrator)
      }
    } catch {
      throw error.report()
    }
  }
}

extension SettingFlags {
  /// What these flags, the environment and the file say.
  func configuration() async throws(OperatorError) -> ServerConfiguration {
    try ServerConfiguration(
      try await Settings(flags: self, environment: ProcessInfo.processInfo.environment))
  }
}
