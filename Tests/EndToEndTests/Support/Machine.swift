import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import TestSupport

/// What the tests need of the machine they run on.
enum Machine {
  /// The built executables lie beside the test runner.
  static func executable(_ name: String) throws -> String {
    let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let directory = runner.split(separator: "/").dropLast().joined(separator: "/")
    let path = "/\(directory)/\(name)"
    guard access(path, X_OK) == 0 else { throw Failure("there is no \(path)") }
    return path
  }

  /// A fresh directory that everybody may enter: the database runs as another user when we are root.
  static func temporaryDirectory() throws -> String {
    var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("cannot make a directory in /tmp") }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard chmod(path, 0o711) == 0 else { throw Failure("cannot open up \(path)") }
    return path
  }

  /// Runs a program and returns what it printed.
  @discardableResult
  static func run(
    _ program: String, _ arguments: [String], input: String = ""
  ) async throws -> String {
    let outcome = try await Subprocess.run(
      program.hasPrefix("/") ? .path(FilePath(program)) : .name(program),
      arguments: Arguments(arguments), input: .string(input), output: .string(limit: 1 << 20),
      error: .combinedWithOutput)
    guard outcome.terminationStatus.isSuccess else {
      throw Failure(
        "\(program) \(arguments.joined(separator: " ")): \(outcome.standardOutput)")
    }
    return outcome.standardOutput
  }

  /// Runs a shell command once this process is gone, however it goes: nothing that a test started
  /// outlives the tests.
  static func whenGone(_ command: String) async throws {
    try await run(
      "sh",
      [
        "-c",
        "(\(TestDirectory.shellWait); \(command)) "
          + ">/dev/null 2>&1 </dev/null &",
      ])
  }

  /// Waits until a condition gives a value.
  ///
  /// What is waited for happens in other processes, which tell nobody: so it is looked at often.
  static func eventually<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ what: @autoclosure () async throws -> String, _ condition: () async throws -> Value?
  ) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      if let value = try await condition() { return value }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Failure("waited in vain for \(try await what())")
  }
}

/// Why a test cannot go on.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
