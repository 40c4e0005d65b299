import MartletProtocol
import Testing

@testable import TUICore

@Suite struct PlayerTests {
  @Test func theFirstThatIsThereAndPlaysTheFormatIsTaken() {
    let list = PlayerList.standard
    let choice = list.choose(for: .mp3) { ["aplay", "mpg123", "ffplay"].contains($0) }
    #expect(choice?.player.program == "ffplay")
    #expect(choice?.isStreaming == true)
    #expect(list.choose(for: .mp3) { $0 == "aplay" } == nil)
    #expect(list.choose(for: .m4a) { $0 == "mpv" }?.isStreaming == false)
  }

  @Test func theFileIsAnArgumentOfItsOwn() throws {
    let list = try #require(PlayerList(parsing: "/opt/play --quiet {} --loop,aplay"))
    let choice = try #require(list.choose(for: .wav) { _ in true })
    #expect(
      choice.arguments(path: "/tmp/a b;c.wav") == ["--quiet", "/tmp/a b;c.wav", "--loop"])
    #expect(list.names(for: .wav) == ["/opt/play", "aplay"])
  }

  @Test func aFileIsAppendedWhereNoPlaceIsNamed() throws {
    let list = try #require(PlayerList(parsing: "play -q"))
    #expect(list.choose(for: .ogg) { _ in true }?.arguments(path: "x") == ["-q", "x"])
    #expect(PlayerList(parsing: " , ") == nil)
  }

  @Test func aDashStreams() throws {
    let list = try #require(PlayerList(parsing: "play -"))
    let choice = try #require(list.choose(for: .mp3) { _ in true })
    #expect(choice.isStreaming)
    #expect(choice.arguments(path: "x") == ["-"])
  }
}
