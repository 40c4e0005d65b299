import MartletProtocol
import Testing

@testable import TUICore

@Suite struct MessageModeTests {
  static let picture = MartletProtocol.Attachment(
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

  /// The picture's overlay is open, and the picture fetched.
  static func viewing() -> Client {
    var client = selected()
    client.press(.up)
    client.press(.character("v"))
    client.apply(.attachments(.downloadFinished(picture.id, path: "/cache/p")))
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
    var client = Self.viewing()
    client.apply(.resized(Size(columns: 100, rows: 30)))
    let request = PictureRequest(
      size: Size(columns: 100, rows: 28), colours: .none, usesASCII: false)
    #expect(
      client.effects.contains(
        .attachments(.drawPicture(Self.picture.id, path: "/cache/p", request))))
  }

  @Test func withoutChafaItIsSaidWhatToInstall() {
    var client = Self.viewing()
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

  @Test func aLiveClearForgetsFilesThatWereScrolledOutOfMemory() {
    var client = Client.chatting(messages: Client.messages(8...9), more: true)
    client.apply(.historyCleared(ConversationID(7), through: MessageSequence(9)))
    #expect(client.effects.contains(.attachments(.forget([]))))
    // The same again says nothing new.
    client.apply(.historyCleared(ConversationID(7), through: MessageSequence(9)))
    #expect(!client.effects.contains(.attachments(.forget([]))))
  }

  @Test func whatTheServerForgetsEndsIt() {
    var client = Self.selected()
    client.apply(.historyVoided)
    #expect(client.state.chat.focus == .input)
  }

  @Test func openingTheOpenConversationEndsIt() throws {
    var client = Self.selected()
    let row = try #require(client.text.firstIndex { $0.contains("● 李雷") })
    client.apply(.input(.mouse(row: row, column: 5, kind: .press)))
    #expect(client.state.chat.focus == .input)
  }

  @Test func aFailedMessageCanBeRemoved() {
    var client = Client.chatting(messages: Client.messages(1...1))
    client.type("too much")
    client.press(.enter)
    client.apply(.messageFailed(Client.key(1), .refused(RPCError(.textTooLong, "no"))))
    client.press(.up)
    client.press(.character("c"))
    #expect(client.state.chat.pendingMessages.isEmpty)
    #expect(client.effects.contains(.saveOutbox(Client.alice.id, [])))
    #expect(client.shows("Discarded"))
  }

  @Test func aMessageUnderWayIsNotRemoved() {
    var client = Client.chatting(messages: Client.messages(1...1))
    client.type("on its way")
    client.press(.enter)
    client.press(.up)
    client.press(.character("c"))
    #expect(client.state.chat.pendingMessages.count == 1)
  }

  @Test func aFileOfAnotherKindIsNotOpened() {
    let page = MartletProtocol.Attachment(
      id: .sample, name: "page.html", mediaType: MediaType(rawValue: "text/html"), size: 1)
    var client = Client.chatting(messages: [Self.message(1, page)])
    client.press(.up)
    client.press(.character("o"))
    #expect(!client.effects.contains(.attachments(.download(page))))
    #expect(client.shows("neither a picture nor a sound"))
  }

  @Test func anOpenerThatFailsIsNamed() {
    var client = Self.selected()
    client.apply(.attachments(.openerFailed("xdg-open")))
    #expect(client.shows("xdg-open could not open it"))
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
