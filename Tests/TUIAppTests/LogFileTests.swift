import FoundationEssentials
import Logging
import MartletClient
import Testing

@testable import TUIApp

/// A log is read in a terminal, and some of it is what servers say.
@Suite struct LogFileTests {
  @Test func nothingInALogActsOnATerminalOrIsALineOfItsOwn() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let logger = try LogFile.logger(path: path, time: .system)
    let evil = "a\u{1B}[2J\u{9B}31m\n2026-11-26 forged\r\u{0}\u{202E}b\u{200B}\u{2028}\u{FEFF}c"
    logger.error("\(evil)", metadata: ["close": "\(evil)", "\(evil)": "x"])
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
    for scalar in text.unicodeScalars.dropLast() {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        Issue.record("U+\(String(scalar.value, radix: 16)) is in the log")
      case _: break
      }
    }
    #expect(text.contains("forged") && text.hasSuffix("\n"))
    #expect(try directory.mode(of: "log") == 0o600)
  }
}
