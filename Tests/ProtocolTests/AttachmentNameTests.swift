import MartletProtocol
import Testing

@Suite struct AttachmentNameTests {
  @Test(arguments: ["a.png", "会议室 3.jpeg", ".png", "..", "👨‍👩‍👧.gif", "a'\"$(b);.mp3", "a\u{301}.png"])
  func namesWithoutDirectoriesPass(_ name: String) throws {
    try AttachmentName.check(name)
  }

  @Test(arguments: [
    "", "a/b.png", "a\\b.png", "/", "a\u{0}.png", "a\n.png", "a\u{7F}.png", "a\u{85}.png",
    "a\u{1B}[2J.png", "gnp.\u{202E}exe.png", "a\u{200F}.png", "a\u{2066}.png", "a\u{61C}.png",
  ])
  func othersAreRefused(_ name: String) {
    #expect {
      try AttachmentName.check(name)
    } throws: { error in
      (error as? RPCError)?.code == .invalidFileName
    }
  }

  @Test func theLimitIsInBytes() throws {
    try AttachmentName.check(String(repeating: "会", count: 85))
    #expect(throws: RPCError.self) { try AttachmentName.check(String(repeating: "会", count: 86)) }
  }
}
