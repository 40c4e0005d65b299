import FoundationEssentials
import ServerCore
import Testing

@testable import ServerApp

/// The tables of docs/operating.md are those of the code.
@Suite struct OperatingDocumentTests {
  private let document: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    document = try String(
      contentsOfFile: root.appending(path: "docs/operating.md").path, encoding: .utf8)
  }

  @Test func itHasEverySetting() {
    let rows = Setting.allCases.map { setting in
      let flag = setting.kind == .yesOrNo ? "[no-]\(setting.rawValue)" : setting.rawValue
      // Of a directory, it depends on who asks.
      let usual = setting == .dataDirectory ? "" : setting.usual ?? ""
      let values = setting.kind.valueName.replacing("|", with: ", ")
      return "| `--\(flag)` `\(setting.variable)` | \(values) | \(usual) | "
        + "\(setting.isReloadable ? "yes" : "") | \(setting.help) |"
    }
    expect(["flag and variable", "value", "by default", "on SIGHUP", "what it does"], rows)
  }

  @Test func itHasEveryMeasure() {
    let rows = Measure.allCases.map { measure in
      let kind =
        switch measure.kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram(let bounds):
          "histogram, up to \(bounds.map { "\($0)" }.joined(separator: ", "))"
        }
      return "| `\(measure.rawValue)` | \(kind) | \(measure.help) |"
    }
    expect(["name", "kind", "what it is"], rows)
  }

  private func expect(_ head: [String], _ rows: [String]) {
    let lines =
      ["| \(head.joined(separator: " | ")) |"]
      + ["| \(head.map { _ in "---" }.joined(separator: " | ")) |"] + rows
    let table = lines.joined(separator: "\n") + "\n"
    #expect(document.contains(table), "docs/operating.md is to contain this:\n\(table)")
  }
}
