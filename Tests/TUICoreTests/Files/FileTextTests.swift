import MartletProtocol
import Testing

@testable import TUICore

/// Paths, names and sizes as texts.
@Suite struct FileTextTests {
  @Test(arguments: [
    ("a.png", "a.png"), ("  /tmp/会议 室.png ", "/tmp/会议 室.png"), ("'my file.png'", "my file.png"),
    ("\"my file.png\"", "my file.png"), (#"my\ file.png"#, "my file.png"),
    ("~/a.png", "~/a.png"), (#"'it'\''s.png'"#, "it's.png"),
  ])
  func aTypedPathIsRead(typed: String, path: String) {
    #expect(PathText.path(typed: typed) == path)
  }

  @Test(arguments: [
    ("/tmp/a.png", "/tmp/a.png"), ("'/tmp/a b.png' ", "/tmp/a b.png"),
    (#"/tmp/a\ b.png"#, "/tmp/a b.png"), ("file:///tmp/%E4%BC%9A.png\r\n", "/tmp/会.png"),
    ("~/a.png", "~/a.png"),
  ])
  func aDroppedPathIsRead(pasted: String, path: String) {
    #expect(PathText.path(pasted: pasted) == path)
  }

  @Test(arguments: [
    "hello", "a.png", "/tmp/a.png\n/tmp/b.png", "https://example.org/a.png",
    "file://elsewhere/a.png", "file:///%zz",
  ])
  func otherPastesAreTexts(pasted: String) {
    #expect(PathText.path(pasted: pasted) == nil)
  }

  @Test func completionOffersWhatCanBeSent() {
    let entries = ["会议 室.png", "会场.jpg", "notes.txt", ".hidden.png", "evil\n.png"].map {
      DirectoryEntry(name: $0, isDirectory: false)
    }
    let pictures = entries + [DirectoryEntry(name: "pictures", isDirectory: true)]
    #expect(
      PathCompletion("dir/").candidates(among: pictures)
        == ["dir/pictures/", "dir/会场.jpg", "dir/会议 室.png"]
        .sorted())
    #expect(PathCompletion("会").commonStart(among: pictures) == nil)
    #expect(PathCompletion("'会议").candidates(among: pictures) == ["'会议 室.png'"])
    #expect(PathCompletion(".h").candidates(among: pictures) == [".hidden.png"])
    #expect(PathCompletion("~").directory == "~/")
  }

  @Test(arguments: [
    ("../../etc/passwd.png", "_.._etc_passwd.png"), ("-rf.png", "_-rf.png"),
    ("~.png", "_~.png"), (".bashrc", "bashrc.png"), ("CON.png", "_CON.png"),
    ("nul", "_nul.png"), ("lpt1.tar.png", "_lpt1.tar.png"), ("COM¹ .png", "_COM¹ .png"),
    ("console.png", "console.png"),
    ("a\u{1B}[31m\u{202E}b.png", "a[31mb.png"), ("con?.png", "con_.png"), ("", "file.png"),
    ("song.mp3", "song.mp3.png"),
  ])
  func aSavedNameIsHarmless(name: String, saved: String) {
    let attachment = MartletProtocol.Attachment(
      id: .sample, name: name, mediaType: AttachmentFormat.png.mediaType, size: 1)
    let result = SafeFileName.name(for: attachment)
    #expect(result.hasSuffix(".png"))
    #expect(!result.hasPrefix("."))
    #expect(!result.contains("/"))
    #expect(result == saved)
  }

  @Test func aLongNameKeepsItsEnding() {
    let name = String(repeating: "会", count: 300) + ".png"
    #expect(SafeFileName.sent(name).utf8.count <= 255)
    #expect(SafeFileName.sent(name).hasSuffix("会.png"))
  }

  @Test(arguments: [(0, "0 B"), (999, "999 B"), (12_345, "12.3 KB"), (20_000_000, "20 MB")])
  func sizesAreReadable(bytes: Int64, text: String) {
    #expect(ByteCount.text(bytes) == text)
  }

  @Test func aByteTooManyDoesNotLookLikeTheLimit() {
    #expect(ByteCount.text(20_000_001, roundingUp: true) == "20.1 MB")
  }

  @Test func theRateIsMeasured() {
    var meter = TransferMeter(total: 4_000_000)
    let start = moment("2026-11-23T09:00:00.000Z")
    meter.note(0, at: start)
    meter.note(1_000_000, at: start.advanced(byMilliseconds: 500))
    #expect(meter.text(Symbols(usesASCII: true)) == "[##......] 25 % 2 MB/s")
  }
}

extension AttachmentID {
  static let sample = AttachmentID(high: 1, low: 2)
}
