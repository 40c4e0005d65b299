import MartletProtocol
import Testing

@testable import TUICore

/// What files look like, in both languages and three sizes.
@Suite struct FileScreenTests {
  private static func message(
    _ sequence: Int64, from sender: User, _ name: String, _ format: AttachmentFormat,
    size: Int64, width: Int? = nil, height: Int? = nil
  ) -> Message {
    Message(
      conversation: ConversationID(7), sequence: MessageSequence(sequence), sender: sender.id,
      sentAt: moment("2026-11-23T09:4\(sequence):00.000Z"), key: Client.otherKey(sequence),
      text: "",
      attachment: MartletProtocol.Attachment(
        id: AttachmentID(high: 0, low: UInt64(sequence)), name: name, mediaType: format.mediaType,
        size: size, width: width, height: height))
  }

  private static func client(_ columns: Int, _ rows: Int, _ language: Language) -> Client {
    var client = Client.chatting(
      columns, rows,
      messages: [
        message(
          1, from: Client.leilei, "会议室.png", .png, size: 1_234_567, width: 1920, height: 1080),
        message(2, from: Client.alice, "song.mp3", .mp3, size: 3_400_000),
        message(
          3, from: Client.leilei, "a\u{1B}[31m long name with \u{202E}everything in it.webp", .webp,
          size: 512, width: 3, height: 4),
      ], language: language)
    let file = LocalFile(path: "/a/b.wav", name: "b.wav", size: 10_000_000, modified: 0)
    let input = "/send /a/b.wav"
    client.type(input)
    client.press(.enter)
    client.apply(.attachments(.inspected(path: file.path, .send(input: input), .success(file))))
    client.apply(.attachments(.uploadAdvanced(Client.key(1), bytes: 4_000_000)))
    client.wait(milliseconds: 1000)
    client.apply(.attachments(.uploadAdvanced(Client.key(1), bytes: 6_200_000)))
    return client
  }

  @Test(arguments: SearchScreenTests.cases) func messages(
    columns: Int, rows: Int, language: Language
  ) throws {
    var client = Self.client(columns, rows, language)
    client.press(.up)
    client.press(.up)
    client.press(.up)
    client.press(.character("p"))
    try expectGolden(
      client.canvas, SearchScreenTests.name("files", columns, language))
  }

  @Test(arguments: SearchScreenTests.cases) func picture(
    columns: Int, rows: Int, language: Language
  ) throws {
    var client = Self.client(columns, rows, language)
    client.press(.up)
    client.press(.home)
    client.press(.character("v"))
    let request = PictureRequest(
      size: Size(columns: columns, rows: rows - 2), colours: .none, usesASCII: false)
    client.apply(
      .attachments(.downloadFinished(AttachmentID(high: 0, low: 1), path: "/cache/p")))
    let output = "\u{1B}[38;5;196m▀▀▀▄▄▄\u{1B}[48;5;21m▄▄\n\u{1B}[0m▄▀█  ▀▀▄\n"
    client.apply(
      .attachments(
        .pictureDrawn(
          AttachmentID(high: 0, low: 1), request,
          .success(PictureParser.picture(from: output.utf8, request: request)))))
    try expectGolden(
      client.canvas, SearchScreenTests.name("picture", columns, language))
  }

  @Test(arguments: SearchScreenTests.cases) func question(
    columns: Int, rows: Int, language: Language
  ) throws {
    var client = Self.client(columns, rows, language)
    let file = LocalFile(path: "/a/c.gif", name: "c.gif", size: 99_000, modified: 0)
    client.apply(.input(.paste(file.path)))
    client.apply(
      .attachments(.inspected(path: file.path, .paste(text: file.path), .success(file))))
    try expectGolden(
      client.canvas, SearchScreenTests.name("send-question", columns, language))
  }

  @Test(arguments: ScreenTests.sizes) func helpOnMessages(columns: Int, rows: Int) throws {
    var client = Self.client(columns, rows, .english)
    client.press(.up)
    client.press(.function(1))
    try expectGolden(client.canvas, "help-messages-\(columns)")
  }
}
