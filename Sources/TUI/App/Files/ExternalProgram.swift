import Glibc
import Subprocess
import SystemPackage
import TUICore

/// Programs that are not ours, run by their arguments and never through a shell, away from the
/// terminal.
enum ExternalProgram {
  /// The most that is read of what a program prints.
  private static let maximumOutput = 4 << 20
  /// How long a program may take to print it.
  private static let patience = Duration.seconds(10)

  /// In a session of its own, which has no terminal to write to or to wait for and which `C-c` does
  /// not reach; ended politely, then for sure, with what a wrapper around it has started.
  static var options: PlatformOptions {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
    ]
    return options
  }

  /// Runs a program in a session of its own, for as long as it likes.
  ///
  /// - Returns: `false` when it failed at once. What becomes of it later is its own business.
  static func runDetached(_ program: String, _ arguments: [String]) async -> Bool {
    var options = PlatformOptions()
    options.createSession = true
    let begin = ContinuousClock.now
    do {
      let outcome = try await Subprocess.run(
        .path(FilePath(program)), arguments: Arguments(arguments), platformOptions: options,
        output: .discarded, error: .discarded)
      return outcome.terminationStatus.isSuccess || begin.duration(to: .now) > patience
    } catch {
      return false
    }
  }

  /// What a program prints; `nil` when it fails, takes too long, prints too much or is cancelled.
  ///
  /// - Parameter groups: where it is listed while it runs.
  static func output(
    of program: String, _ arguments: [String], in groups: ProcessGroups
  ) async -> [UInt8]? {
    await withTaskGroup(of: [UInt8]?.self) { group in
      group.addTask {
        var group: pid_t?
        defer { groups.remove(group) }
        do {
          let outcome = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), platformOptions: options,
            input: .none, output: .bytes(limit: maximumOutput), error: .discarded
          ) { execution in
            group = execution.processIdentifier.value
            groups.insert(execution.processIdentifier.value)
          }
          return outcome.terminationStatus.isSuccess ? outcome.standardOutput : nil
        } catch {
          return nil
        }
      }
      group.addTask {
        // Cancelled, it ends as well.
        try? await Task.sleep(for: patience)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
  }
}

extension PictureRequest {
  /// What to say to `chafa`, version 1.8 or later, so that it prints what ``PictureParser`` reads.
  func chafaArguments(path: String) -> [String] {
    [
      "--format", "symbols", "--symbols", usesASCII ? "ascii" : "vhalf+space+solid",
      "--colors", colours == .none ? "none" : "\(colours.rawValue)", "--animate", "off",
      "--size", "\(size.columns)x\(size.rows)", "--", path,
    ]
  }
}
