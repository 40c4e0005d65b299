import ArgumentParser
import Glibc
import MartletProtocol

/// What keeps the server from running, in one sentence that says what is wrong and what to do.
struct OperatorError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension OperatorError {
  /// Says it to whoever runs a command. Returns what the command ends with.
  func report() -> ExitCode {
    let line = Array("martletd: \(description.asLogLine)\n".utf8)
    // Where it cannot be said, the exit status says that something is wrong.
    _ = write(STDERR_FILENO, line, line.count)
    return ExitCode(1)
  }
}

extension String {
  /// What a program complains of, in the one of its lines that says so, or else in the last.
  var complaint: Substring {
    let lines = split(whereSeparator: \.isNewline)
    return lines.last { line in
      ["error:", "FATAL:", "PANIC:", ": FAILED"].contains { line.contains($0) }
    } ?? lines.last ?? ""
  }
}
