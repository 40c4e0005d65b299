import Testing

@testable import TUICore

@Suite struct CommandTests {
  @Test(
    arguments: [
      ("hello", InputLine.text("hello")), ("//etc", .text("/etc")), ("", .text("")),
      ("/quit", .command(.quit, arguments: "")), ("/QUIT", .command(.quit, arguments: "")),
      ("/msg  bob hi there", .command(.msg, arguments: "bob hi there")),
      ("/quti", .unknown("quti", nearest: .quit)), ("/reco", .unknown("reco", nearest: .reconnect)),
      ("/xyzzy", .unknown("xyzzy", nearest: nil)), ("/", .unknown("", nearest: nil)),
    ]
  ) func aLineIsATextOrACommand(text: String, line: InputLine) {
    #expect(InputLine(text) == line)
  }

  @Test func fuzzyMatchPrefersRunsAndStartsOfWords() throws {
    let bob = try #require(fuzzyScore("bo", in: "bob"))
    #expect(fuzzyScore("bo", in: "bobby") ?? 0 < bob)
    #expect(fuzzyScore("bo", in: "b-o-w") ?? 0 < bob)
    #expect(fuzzyScore("雷", in: "李雷") != nil)
    #expect(fuzzyScore("ob", in: "bo") == nil)
  }
}
