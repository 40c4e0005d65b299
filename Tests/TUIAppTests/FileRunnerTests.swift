import FoundationEssentials
import Glibc
import MartletProtocol
import TestSupport
import Testing

@testable import TUIApp
@testable import TUICore

/// Transfers and other programs, which are real processes here.
@Suite struct FileRunnerTests {
  // MARK: Players

  @Test func aSoundThatNothingPlaysSilencesTheOneBefore() async throws {
    let desk = try FileDesk()
    defer { desk.runner.close() }
    try desk.program("aplay", #"echo $$ > "$0.log"; exec sleep 60"#)
    let wav = try desk.fetched(.wav)
    desk.runner.perform(.play(wav))
    try await desk.expectStarted(wav, "aplay")
    let process = try await desk.process(of: "aplay")
    let mp3 = try desk.fetched(.mp3)
    desk.runner.perform(.play(mp3))
    #expect(try await desk.end(of: mp3) == .missing(["mpv", "ffplay", "afplay", "mpg123"]))
    try await desk.untilGone(process)
  }

  @Test func stoppingEndsWhatAWrapperHasStarted() async throws {
    let desk = try FileDesk()
    defer { desk.runner.close() }
    try desk.program("mpv", #"sleep 60 & echo $! > "$0.log"; wait"#)
    let sound = try desk.fetched(.mp3)
    desk.runner.perform(.play(sound))
    let process = try await desk.process(of: "mpv")
    desk.runner.perform(.stopPlaying)
    try await desk.untilGone(process)
  }

  @Test func thePlayerDoesNotOutliveTheClient() async throws {
    let desk = try FileDesk()
    try desk.program(
      "mpv", #"trap '' TERM; sleep 60 & echo $! > "$0.log"; wait"#)
    let sound = try desk.fetched(.mp3)
    desk.runner.perform(.play(sound))
    try await desk.expectStarted(sound, "mpv")
    let process = try await desk.process(of: "mpv")
    desk.runner.close()
    try await desk.untilGone(process)
  }

  @Test func aPlayerHasNoTerminal() async throws {
    let desk = try FileDesk()
    defer { desk.runner.close() }
    // The fields of proc_pid_stat(5).
    try desk.program(
      "mpv",
      #"read -r pid name state parent group session rest < /proc/$$/stat; echo "$pid $session" > "$0.log""#
    )
    let sound = try desk.fetched(.mp3)
    desk.runner.perform(.play(sound))
    try await desk.expectStarted(sound, "mpv")
    #expect(try await desk.end(of: sound) == .finished)
    let ids = try desk.note(of: "mpv").split(whereSeparator: \.isWhitespace)
    #expect(ids.count == 2 && ids.first == ids.last)
  }

  @Test func aPlayerThatHasHeardEnoughHasFinished() async throws {
    let desk = try FileDesk()
    defer { desk.runner.close() }
    try desk.program("mpv", "head -c 10 > /dev/null")
    let sound = try desk.arriving(.mp3)
    _ = try await desk.naps.next()
    desk.runner.perform(.play(sound))
    try await desk.expectStarted(sound, "mpv")
    #expect(try await desk.end(of: sound) == .finished)
  }

  @Test func aPlayerThatDoesNotListenCanBeStopped() async throws {
    let desk = try FileDesk()
    defer { desk.runner.close() }
    try desk.program("mpv", #"echo $$ > "$0.log"; exec sleep 60"#)
    let sound = try desk.arriving(.mp3)
    _ = try await desk.naps.next()
    desk.runner.perform(.play(sound))
    let process = try await desk.process(of: "mpv")
    desk.runner.perform(.stopPlaying)
    try await desk.untilGone(process)
  }

  @Test func aSoundThatIsHereAlreadyIsHeardAgain() async throws {
    let desk = try FileDesk()
    defer { desk.runner.close() }
    try desk.program(
      "mpv",
      #"for file; do :; done; [ "$file" = - ] || exec < "$file"; wc -c > "$0.log""#)
    let sound = try desk.fetched(.mp3)
    // Together, as when the user asks for it.
    desk.runner.perform(.download(sound))
    desk.runner.perform(.play(sound))
    try await desk.expectStarted(sound, "mpv")
    #expect(try await desk.end(of: sound) == .finished)
    #expect(try desk.note(of: "mpv") == "\(sound.size)\n")
  }

  @Test func whatDidNotArriveIsNotPlayed() async throws {
    let desk = try FileDesk(token: nil)
    defer { desk.runner.close() }
    try desk.program("mpv", "exit 1")
    let sound = desk.attachment(.mp3)
    desk.runner.perform(.download(sound))
    try await desk.next { action -> Void? in
      guard case .downloadFailed(sound.id, .interrupted) = action else { return nil }
      return ()
    }
    desk.runner.perform(.play(sound))
    #expect(try await desk.end(of: sound) == .finished)
  }

  // MARK: Transfers

  @Test func aDownloadWaitsForTheEndOfOneThatWasGivenUp() async throws {
    let desk = try FileDesk()
    defer { desk.runner.close() }
    let sound = desk.attachment(.mp3)
    desk.runner.perform(.download(sound))
    let first = try #require(try await desk.naps.next())
    desk.runner.perform(.cancelDownload(sound.id))
    desk.runner.perform(.download(sound))
    // Another one, so that there was time for the second.
    desk.runner.perform(.download(desk.attachment(.wav)))
    let other = try #require(try await desk.naps.next())
    #expect(desk.begun.count == 2)
    first.end()
    _ = try #require(try await desk.naps.next())
    #expect(desk.begun.count == 3)
    withExtendedLifetime(other) {}
  }

  // MARK: Pictures

  @Test(arguments: PictureRequest.Colours.allCases, [false, true])
  func whatChafaPrintsIsUnderstood(colours: PictureRequest.Colours, usesASCII: Bool) async throws {
    guard let chafa = ProgramPath("/usr/bin:/bin:/usr/local/bin").find("chafa") else { return }
    let desk = try FileDesk()
    #expect(symlink(chafa, desk.programs + "/chafa") == 0)
    let path = desk.directory.path + "/a.png"
    try Data(try MediaFile.named("rgb.png").bytes()).write(to: URL(filePath: path))
    let picture = try await desk.draw(path, colours: colours, usesASCII: usesASCII).get()
    #expect((1...8).contains(picture.rows.count) && (1...20).contains(picture.columns))
    #expect(picture.rows.joined().contains { $0 != Picture.Cell(character: " ", style: .plain) })
  }

  @Test(arguments: ["exit 1", "head -c 5000000 /dev/zero"])
  func aPictureThatCannotBeDrawnIsSaid(script: String) async throws {
    let desk = try FileDesk()
    try desk.program("chafa", script)
    let path = try MediaFile.named("rgb.png").path
    let result = try await desk.draw(path, colours: .many, usesASCII: false)
    #expect(result == .failure(.failed))
  }

  @Test func noProgramIsStartedForAPictureThatIsNone() async throws {
    let desk = try FileDesk()
    try desk.program("chafa", #"echo started > "$0.log""#)
    let picture = try MediaFile.named("rgb.png").bytes()
    // The width and the height, and the sum of the chunk that they are in, are those of a picture of four
    // thousand million pixels.
    let bomb =
      picture[..<16] + [0, 1, 0, 0, 0, 1, 0, 0] + picture[24..<29] + [0xE3, 0xE6, 0xA7, 0xB4]
      + picture[33...]
    let impostors = [
      Array(bomb), Array(picture.dropLast(5)), picture + [0], Array("GIF89a".utf8), [],
    ]
    for (number, bytes) in impostors.enumerated() {
      let path = "\(desk.directory.path)/\(number).png"
      try Data(bytes).write(to: URL(filePath: path))
      let result = try await desk.draw(path, colours: .many, usesASCII: false)
      #expect(result == .failure(.failed))
    }
    let link = desk.directory.path + "/link.png"
    #expect(symlink(try MediaFile.named("rgb.png").path, link) == 0)
    #expect(try await desk.draw(link, colours: .many, usesASCII: false) == .failure(.failed))
    #expect(access(desk.programs + "/chafa.log", F_OK) != 0)
  }
}
