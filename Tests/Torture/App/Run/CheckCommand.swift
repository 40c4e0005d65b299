import ArgumentParser
import TortureCore

/// `martlet-torture check`: the verdict on the evidence of an earlier trial.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check the evidence that a trial has left.")

  @Argument(help: "The directory that the trial named.")
  var directory: String

  func run() async throws {
    let evidence = try Evidence(in: directory)
    let violations = Checker.violations(in: evidence.journals, against: evidence.database)
    for violation in violations { print(violation) }
    print("violations \(violations.count)")
    if !violations.isEmpty { throw ExitCode(1) }
  }
}
