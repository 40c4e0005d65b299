import MartletProtocol
import Testing

@testable import TUICore

@Suite struct MessageModeTests {
  private static let picture = MartletProtocol.Attachment(
    id: AttachmentID(high: 1, low: 1), name: "会议.png",
    mediaType: AttachmentFormat.png.mediaType, size: 1000, width: 4, height: 2)
  private static let sound = MartletProtocol.Attachment(
    id: AttachmentID(high: 1, low: 2), name: "song.mp3",
    mediaType: AttachmentFormat.mp3.mediaType, size: 2000)

  private static func message(_ sequence: Int64, _ attachment: MartletProtocol.Attachment)
    -> Message
  {
    Message(
      conversation: ConversationID(7), sequence: MessageSequence(sequence),
      sender: Client.leilei.id, sentAt: moment("2026-11-23T09:41:00.000Z"),
      key: Client.otherKey(sequence), text: "", attachment: attachment)
  }

  /// A text, a picture and a sound, the sound selected.
  private static func selected() -> Client {
    var client = Client.chatting(
      messages: Client.messages(1...1) + [message(2, picture), message(3, sound)])
    client.press(.up)
    return client
  }

  @Test func upSelectsTheNewestMessageAndEscapeGoesBack() {
    var client = Self.selected()
    #expect(client.text.contains { $0.contains("▌  ♪ song.mp3  2 KB") })
    client.press(.character("k"))
    #expect(client.text.contains { $0.contains("▌  ▣ 会议.png  1 KB  4×2") })
    client.press(.escape)
    #expect(client.state.chat.messageMode == nil)
    client.type("hi")
    #expect(client.shows("> hi"))
  }

  @Test func downFromTheNewestIsBackAtTheInput() {
    var client = Self.selected()
    client.press(.down)
    #expect(client.state.chat.focus == .input)
  }

  @Test func savingFetchesFirst() {
    var client = Self.selected()
    client.press(.character("s"))
    #expect(client.effects == [.attachments(.download(Self.sound))])
    client.apply(.attachments(.downloadAdvanced(Self.sound.id, bytes: 1000)))
    #expect(client.shows("50 %"))
    client.apply(.attachments(.downloadFinished(Self.sound.id, path: "/cache/x")))
    #expect(
      client.effects == [
        .attachments(.save(Self.sound.id, path: "/cache/x", name: "song.mp3"))
      ])
    client.apply(.attachments(.saved(Self.sound.id, .success("/home/alice/song.mp3"))))
    #expect(client.shows("Saved: /home/alice/song.mp3"))
  }

  @Test func playingBeginsBeforeTheFileIsThere() {
    var client = Self.selected()
    client.press(.character("p"))
    #expect(
      client.effects == [
        .attachments(.download(Self.sound)), .attachments(.play(Self.sound)),
      ])
    client.apply(.attachments(.playerStarted(Self.sound.id, program: "mpv")))
    #expect(client.shows("Playing with mpv"))
    client.press(.character("p"))
    #expect(client.effects.contains(.attachments(.stopPlaying)))
  }

  @Test func aMissingPlayerIsNamed() {
    var client = Self.selected()
    client.press(.character("p"))
    client.apply(.attachments(.playerEnded(Self.sound.id, .missing(["mpv", "ffplay"]))))
    #expect(client.shows("install one of: mpv, ffplay"))
  }

  @Test func aPictureIsShownOverTheScreen() {
    var client = Self.selected()
    client.press(.up)
    client.press(.character("v"))
    #expect(client.effects == [.attachments(.download(Self.picture))])
    client.apply(.attachments(.downloadFinished(Self.picture.id, path: "/cache/p")))
    let request = PictureRequest(
      size: Size(columns: 80, rows: 22), colours: .none, usesASCII: false)
    #expect(
      client.effects == [.attachments(.drawPicture(Self.picture.id, path: "/cache/p", request))])
    let drawn = PictureParser.picture(from: "▀▄▀▄\n".utf8, request: request)
    client.apply(.attachments(.pictureDrawn(Self.picture.id, request, .success(drawn))))
    #expect(client.shows("▀▄▀▄"))
    #expect(client.text[0].contains("会议.png  1 KB  4×2"))
    client.press(.escape)
    #expect(client.shows("▣ 会议.png"))
  }

  @Test func aPictureIsDrawnAnewForAnotherSize() {
    var client = Self.selected()
    client.press(.up)
    client.press(.character("v"))
    client.apply(.attachments(.downloadFinished(Self.picture.id, path: "/cache/p")))
    client.apply(.resized(Size(columns: 100, rows: 30)))
    let request = PictureRequest(
      size: Size(columns: 100, rows: 28), colours: .none, usesASCII: false)
    #expect(
      client.effects.contains(
        .attachments(.drawPicture(Self.picture.id, path: "/cache/p", request))))
  }

  @Test func withoutChafaItIsSaidWhatToInstall() {
    var client = Self.selected()
    client.press(.up)
    client.press(.character("v"))
    client.apply(.attachments(.downloadFinished(Self.picture.id, path: "/cache/p")))
    let request = PictureRequest(
      size: Size(columns: 80, rows: 22), colours: .none, usesASCII: false)
    client.apply(
      .attachments(.pictureDrawn(Self.picture.id, request, .failure(.programMissing))))
    #expect(client.shows("install chafa"))
  }

  @Test func clearingTakesThePictureOffTheScreenAndForgetsTheFile() {
    var client = Self.selected()
    client.press(.up)
    client.press(.character("v"))
    client.apply(.historyCleared(ConversationID(7), through: MessageSequence(3)))
    #expect(client.state.overlay == nil)
    #expect(
      client.effects.contains(.attachments(.forget([Self.picture.id, Self.sound.id]))))
    #expect(!client.shows("会议.png"))
  }

  @Test func commandsActOnTheNewestFile() {
    var client = Client.chatting(messages: [Self.message(1, Self.picture)])
    client.type("/save 图.png")
    client.press(.enter)
    client.apply(.attachments(.downloadFinished(Self.picture.id, path: "/cache/p")))
    #expect(
      client.effects == [
        .attachments(.save(Self.picture.id, path: "/cache/p", name: "图.png"))
      ])
  }

  @Test func aHostileNameCannotActOnTheTerminal() {
    let evil = MartletProtocol.Attachment(
      id: .sample, name: "a\u{1B}[2J\u{202E}b.png", mediaType: AttachmentFormat.png.mediaType,
      size: 1)
    let client = Client.chatting(messages: [Self.message(1, evil)])
    #expect(client.shows("a␛[2J<U+202E>b.png"))
  }
}
