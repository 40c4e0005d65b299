import FoundationEssentials
import Glibc
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
