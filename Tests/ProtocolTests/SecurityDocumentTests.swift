import FoundationEssentials
import Testing

/// Holds docs/security.md to the tests that it names.
@Suite struct SecurityDocumentTests {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  /// `Suite.test`, as the tables have it.
  private func namesInTheDocument() throws -> [(suite: Substring, test: Substring)] {
    let path = Self.tests.appending(path: "../docs/security.md")
    let text = try String(contentsOf: path, encoding: .utf8)
    return text.matches(of: /`([A-Za-z]+Tests)\.([A-Za-z0-9]+)`/).map { ($0.1, $0.2) }
  }

  /// The text of each file of tests.
  private func sources() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: Self.tests.path)
      .filter { $0.hasSuffix("Tests.swift") }
      .map { try String(contentsOf: Self.tests.appending(path: $0), encoding: .utf8) }
  }

  @Test func everyTestThatIsNamedIsOne() throws {
    let names = try namesInTheDocument()
    let sources = try sources()
    #expect(names.count > 100)
    for (suite, test) in names {
      let isThere = sources.contains { source in
        (source.contains("struct \(suite) ") || source.contains("class \(suite) "))
          && source.contains("func \(test)(")
      }
      #expect(isThere, "\(suite).\(test)")
    }
  }

  @Test func everyAttackHasATest() throws {
    let path = Self.tests.appending(path: "../docs/security.md")
    let text = try String(contentsOf: path, encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
      .filter { !$0.hasPrefix("| attack") && !$0.hasPrefix("| ---") }
    #expect(rows.count > 40)
    for row in rows { #expect(row.contains(/`[A-Za-z]+Tests\.[A-Za-z0-9]+`/), "\(row)") }
  }
}
