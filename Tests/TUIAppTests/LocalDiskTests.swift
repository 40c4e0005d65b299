import FoundationEssentials
import Glibc
import MartletProtocol
import TUICore
import Testing

@testable import TUIApp

/// Files and programs of this machine.
@Suite struct LocalDiskTests {
  private func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func savingNeverOverwritesAndFollowsNoLink() throws {
    let directory = try TemporaryDirectory()
    let folder = directory.path + "/a/下载"
    try write("content", to: directory.path + "/source")
    let first = try LocalDisk.copy(directory.path + "/source", into: folder, as: "图.png").get()
    #expect(first == folder + "/图.png")
    // A link to elsewhere in the place of the next name.
    #expect(symlink(directory.path + "/victim", folder + "/图 (2).png") == 0)
    let second = try LocalDisk.copy(directory.path + "/source", into: folder, as: "图.png").get()
    #expect(second == folder + "/图 (3).png")
    #expect(try String(contentsOfFile: second, encoding: .utf8) == "content")
    #expect(access(directory.path + "/victim", F_OK) != 0)
  }

  /// What a sender may call a file, and what it is saved as.
  @Test(arguments: [
    "../../../etc/passwd", "/etc/passwd", "..", ".", "...", "", ".bashrc", "-rf", "~/.ssh/x", "CON",
    "nul.png", "LPT1", "a/b", "a\\b", "a\u{0}b.png", "\u{1B}[2J.png", "\u{202E}gnp.exe",
    "a\u{200B}.png", "a\nb.png", "aux .png", String(repeating: "长", count: 300),
    "e" + String(repeating: "\u{301}", count: 5000), "COM¹.png", "a:b", "$(reboot)", "`x`", "%s%n",
  ])
  func aSenderChoosesNoPlace(name: String) throws {
    let directory = try TemporaryDirectory()
    let folder = directory.path + "/downloads"
    let source = directory.path + "/source"
    try write("content", to: source)
    let attachment = MartletProtocol.Attachment(
      id: AttachmentID(high: 1, low: 1), name: name, mediaType: AttachmentFormat.png.mediaType,
      size: 7)
    let safe = SafeFileName.name(for: attachment)
    let path = try LocalDisk.copy(source, into: folder, as: safe).get()
    #expect(path == "\(folder)/\(safe)")
    #expect(safe.hasSuffix(".png") && safe.utf8.count <= 255)
    #expect(!safe.contains("/") && !safe.hasPrefix(".") && !safe.hasPrefix("-"))
    #expect(safe.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    #expect(LocalDisk.entries(of: folder).map(\.name) == [safe])
    #expect(
      Set(directory.names()) == ["downloads", "source"], "something was written elsewhere")
  }

  @Test(arguments: ["../a", "a/b", ".", "..", "", "/etc/a"])
  func aNameThatIsAPathIsNotWrittenTo(name: String) throws {
    let directory = try TemporaryDirectory()
    try write("content", to: directory.path + "/source")
    let result = LocalDisk.copy(
      directory.path + "/source", into: directory.path + "/downloads", as: name)
    #expect(result == .failure(.system(String(cString: strerror(EINVAL)))))
    #expect(Set(directory.names()) == ["downloads", "source"])
  }

  @Test func whatIsInTheWayIsNeitherOpenedNorReplaced() throws {
    let directory = try TemporaryDirectory()
    let folder = directory.path + "/downloads"
    try write("content", to: directory.path + "/source")
    try PrivateFile.makeDirectory(folder + "/a.png")
    #expect(mkfifo(folder + "/a (2).png", 0o600) == 0)
    try write("old", to: folder + "/a (3).png")
    chmod(folder + "/a (3).png", 0o666)
    #expect(symlink("/dev/null", folder + "/a (4).png") == 0)
    #expect(symlink("a (4).png", folder + "/a (5).png") == 0)
    let path = try LocalDisk.copy(directory.path + "/source", into: folder, as: "a.png").get()
    #expect(path == folder + "/a (6).png")
    #expect(try String(contentsOfFile: folder + "/a (3).png", encoding: .utf8) == "old")
    // The folder itself may not be something else.
    for (place, isDangling) in [("file", false), ("link", true)] {
      let place = "\(directory.path)/\(place)"
      if isDangling {
        #expect(symlink(directory.path + "/nowhere", place) == 0)
      } else {
        try write("", to: place)
      }
      guard case .failure = LocalDisk.copy(directory.path + "/source", into: place, as: "a.png")
      else {
        Issue.record("written to \(place)")
        continue
      }
    }
    #expect(access(directory.path + "/nowhere", F_OK) != 0)
    // What is copied is the file that was fetched, and nothing that a link leads to.
    #expect(symlink("/etc/hostname", directory.path + "/fetched") == 0)
    guard case .failure = LocalDisk.copy(directory.path + "/fetched", into: folder, as: "b.png")
    else {
      Issue.record("a link was followed")
      return
    }
  }

  @Test func whatCannotBeSavedIsSaidAndLeavesNothing() throws {
    let directory = try TemporaryDirectory()
    let result = LocalDisk.copy(directory.path + "/nowhere", into: directory.path, as: "a.png")
    #expect(result == .failure(.missing))
    #expect(LocalDisk.entries(of: directory.path).isEmpty)
  }

  @Test func onlyRegularFilesCanBeSent() throws {
    let directory = try TemporaryDirectory()
    try write("12345", to: directory.path + "/a.png")
    #expect(symlink("a.png", directory.path + "/link.png") == 0)
    #expect(mkfifo(directory.path + "/pipe.png", 0o600) == 0)
    let file = try LocalDisk.inspect(directory.path + "/link.png").get()
    #expect(file.name == "link.png" && file.size == 5)
    #expect(LocalDisk.inspect(directory.path + "/pipe.png") == .failure(.notRegular))
    #expect(LocalDisk.inspect(directory.path) == .failure(.notRegular))
    #expect(LocalDisk.inspect(directory.path + "/b.png") == .failure(.missing))
  }

  @Test func programsAreFoundOnThePathOnly() throws {
    let directory = try TemporaryDirectory()
    try write("#!/bin/sh\n", to: directory.path + "/play")
    #expect(chmod(directory.path + "/play", 0o755) == 0)
    try write("no program", to: directory.path + "/text")
    let path = ProgramPath("relative::\(directory.path)")
    #expect(path.find("play") == directory.path + "/play")
    #expect(path.find("text") == nil)
    #expect(path.find(directory.path + "/play") == directory.path + "/play")
    #expect(ProgramPath("/nowhere").find("play") == nil)
  }

  @Test(arguments: [
    ("XDG_DOWNLOAD_DIR=\"$HOME/下载\"\n", "/home/a/下载"),
    ("# XDG_DOWNLOAD_DIR=\"/no\"\nXDG_DOWNLOAD_DIR=\"/srv/in\"", "/srv/in"),
    ("XDG_MUSIC_DIR=\"$HOME/Music\"", nil), ("XDG_DOWNLOAD_DIR=relative", nil),
  ])
  func theDesktopsDownloadFolderIsRead(text: String, folder: String?) {
    #expect(DownloadFolder.folder(in: text, home: "/home/a") == folder)
  }

  @Test func aReaderWaitsForWhatArrives() async {
    let arrival = Arrival()
    let reader = Task { await arrival.more(than: 10) }
    arrival.note(10)
    arrival.note(25)
    let (bytes, isOver) = await reader.value
    #expect(bytes == 25 && !isOver)
    let whole = Task { await arrival.isWhole() }
    arrival.end(isWhole: true)
    #expect(await whole.value)
  }

  @Test func aReaderThatIsCancelledWaitsNoMore() async {
    let arrival = Arrival()
    let reader = Task { await arrival.isWhole() }
    reader.cancel()
    #expect(await !reader.value)
  }
}
