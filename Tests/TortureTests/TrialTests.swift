import Glibc
import Subprocess
import SystemPackage
import Testing

/// The whole of it, briefly: `make torture` is for longer.
@Suite(.serialized) struct TrialTests {
  @Test func nothingIsLostWhenEverythingBreaks() async throws {
    let seed = UInt64.random(in: 0..<1_000_000_000)
    let outcome = try await trial(
      "--seed", "\(seed)", "--faults", "20", "--duration", "10", "--longest", "2")
    #expect(outcome.hasSucceeded, "seed \(seed)\n\(outcome.output)")
    #expect(outcome.output.contains("violations    0"))
  }

  /// With this seed the first fault is a primary killed, the second a server.
  @Test func nothingIsLostWhenServersAndTheirDatabaseAreKilled() async throws {
    let outcome = try await trial(
      "--nodes", "3", "--seed", "12", "--only", "primary database killed", "--only",
      "server killed", "--only", "server restarted", "--only", "connection cut", "--faults", "10",
      "--duration", "20", "--longest", "2", "--rate", "4")
    #expect(outcome.hasSucceeded, "\(outcome.output)")
    #expect(outcome.output.contains("violations    0"))
    for kind in ["primary database killed", "server killed"] {
      #expect(outcome.output.contains(try Regex("\(kind): [1-9]")))
    }
  }

  /// The proof that a trial can fail at all.
  @Test func serverThatAcknowledgesBeforeItCommitsIsFoundOut() async throws {
    let outcome = try await trial(
      "--expect-violation", "--only", "server killed", "--faults", "4", "--duration", "4",
      "--longest", "0.5", "--rate", "20", "--patience", "1")
    #expect(outcome.hasSucceeded, "\(outcome.output)")
    #expect(outcome.output.contains("lost: "))
  }

  private func trial(
    _ options: String...
  ) async throws -> (hasSucceeded: Bool, output: String) {
    let outcome = try await Subprocess.run(
      .path(FilePath("\(try programs())/martlet-torture")), arguments: Arguments(["run"] + options),
      output: .string(limit: 1 << 20), error: .combinedWithOutput)
    return (outcome.terminationStatus.isSuccess, outcome.standardOutput)
  }

  /// The built programs lie beside the test runner.
  private func programs() throws -> String {
    var target = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &target, target.count)
    let runner = String(
      decoding: target.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return "/" + runner.split(separator: "/").dropLast().joined(separator: "/")
  }
}
