import MartletProtocol
import Testing

@testable import TUICore

@Suite struct SendingFilesTests {
  private static let png = LocalFile(
    path: "/home/alice/会议 室.png", name: "会议 室.png", size: 1_200_000, modified: 1)
  private static let attachment = MartletProtocol.Attachment(
    id: .sample, name: png.name, mediaType: AttachmentFormat.png.mediaType, size: png.size,
    width: 640, height: 480)

  /// The path has been typed, and Enter pressed.
  private static func asked(language: Language = .english) -> (Client, String) {
    var client = Client.chatting(messages: Client.messages(1...3), language: language)
    let input = "/send /home/alice/会议 室.png"
    client.type(input)
    client.press(.enter)
    return (client, input)
  }

  private static func inspected(_ file: LocalFile, language: Language = .english) -> Client {
    var (client, input) = asked(language: language)
    client.apply(.attachments(.inspected(path: file.path, .send(input: input), .success(file))))
    return client
  }

  @Test func aFileIsLookedAtFirst() {
    let (client, input) = Self.asked()
    #expect(
      client.effects == [.attachments(.inspect(path: Self.png.path, .send(input: input)))])
    #expect(client.shows("> \(input)"))
  }

  @Test func itIsUploadedAndThenSent() {
    var client = Self.inspected(Self.png)
    #expect(client.effects.contains(.attachments(.upload(Client.key(1), Self.png))))
    #expect(client.shows("会议 室.png  1.2 MB"))
    client.apply(.attachments(.uploadBegan(Client.key(1), .sample)))
    client.apply(.attachments(.uploadAdvanced(Client.key(1), bytes: 600_000)))
    #expect(client.shows("50 %"))
    client.apply(.attachments(.uploadFinished(Client.key(1), Self.attachment)))
    let sent = client.effects.compactMap { effect -> OutgoingMessage? in
      if case .send(let message) = effect { message } else { nil }
    }
    #expect(sent.map(\.attachment) == [Self.attachment])
    client.apply(
      .messageStored(
        Client.key(1),
        SendMessage.Reply(
          conversation: ConversationID(7), sequence: MessageSequence(4), sentAt: client.now)))
    #expect(client.shows("640×480 ✓"))
  }

  @Test(arguments: [
    (Language.english, "The image is 23.1 MB; images may be up to 20 MB"),
    (.chinese, "文件过大，图片最大支持 20 MB"),
  ])
  func whatIsTooLargeIsRefusedBeforeAByteIsSent(language: Language, words: String) {
    var file = Self.png
    file.size = 23_100_000
    let client = Self.inspected(file, language: language)
    #expect(client.state.chat.pendingMessages.isEmpty)
    #expect(client.shows(words))
    // To be corrected.
    #expect(client.shows("> /send"))
  }

  @Test func whatIsNoPictureAndNoSoundIsRefused() {
    var file = Self.png
    file.name = "report.pdf"
    #expect(Self.inspected(file).shows("Only pictures"))
  }

  @Test func aPastedPathIsAskedAbout() {
    var client = Client.chatting()
    client.apply(.input(.paste("'/home/alice/会议 室.png'")))
    let purpose = InspectionPurpose.paste(text: "'/home/alice/会议 室.png'")
    #expect(client.effects.contains(.attachments(.inspect(path: Self.png.path, purpose))))
    #expect(client.shows("> '/home/alice/会议 室.png'"))
    client.apply(.attachments(.inspected(path: Self.png.path, purpose, .success(Self.png))))
    #expect(client.shows("Send this file to 李雷?"))
    var declined = client
    declined.press(.escape)
    #expect(declined.shows("> '/home/alice/会议 室.png'"))
    client.press(.enter)
    #expect(client.effects.contains(.attachments(.upload(Client.key(1), Self.png))))
    #expect(!client.shows("> '/home"))
  }

  @Test func aPasteOfNoFileIsAText() {
    var client = Client.chatting()
    let purpose = InspectionPurpose.paste(text: "/nowhere/a.png")
    client.apply(.input(.paste("/nowhere/a.png")))
    client.apply(.attachments(.inspected(path: "/nowhere/a.png", purpose, .failure(.missing))))
    #expect(client.shows("> /nowhere/a.png"))
  }

  @Test func aFailureIsSaidAndCanBeTriedAgain() {
    var client = Self.inspected(Self.png)
    client.apply(.attachments(.uploadBegan(Client.key(1), .sample)))
    client.apply(.attachments(.uploadFailed(Client.key(1), .interrupted)))
    #expect(client.shows("not sent: The connection was lost"))
    client.press(.character("r"), .alt)
    var resumed = Self.png
    resumed.upload = .sample
    #expect(client.effects.contains(.attachments(.upload(Client.key(1), resumed))))
  }

  @Test func whatTheConnectionEndedGoesOnWithTheNext() {
    var client = Self.inspected(Self.png)
    client.apply(.connectionChanged(.connecting(attempt: 2)))
    client.apply(.attachments(.uploadFailed(Client.key(1), .interrupted)))
    client.apply(.connectionChanged(.connected))
    client.apply(.signedIn(Client.alice))
    #expect(client.effects.contains(.attachments(.upload(Client.key(1), Self.png))))
  }

  @Test func whatTheServerHasForgottenIsUploadedAnew() {
    var client = Self.inspected(Self.png)
    client.apply(.attachments(.uploadBegan(Client.key(1), .sample)))
    client.apply(.attachments(.uploadFinished(Client.key(1), Self.attachment)))
    client.apply(
      .messageFailed(Client.key(1), .refused(RPCError(.unknownAttachment, "not there"))))
    #expect(client.effects.contains(.attachments(.upload(Client.key(1), Self.png))))
  }

  @Test func anUploadCanBeCancelled() {
    var client = Self.inspected(Self.png)
    client.apply(.attachments(.uploadBegan(Client.key(1), .sample)))
    client.press(.up)
    client.press(.character("c"))
    #expect(client.effects.contains(.attachments(.cancelUpload(Client.key(1), .sample))))
    #expect(!client.shows("会议 室.png"))
  }

  @Test func tabCompletesAPath() {
    var client = Client.chatting()
    client.type("/send ~/会")
    client.press(.tab)
    #expect(
      client.effects == [.attachments(.listDirectory(path: "//", input: "/send ~/会"))])
    client.apply(
      .attachments(
        .directoryListed(
          input: "/send ~/会", [DirectoryEntry(name: "会议 室.png", isDirectory: false)])))
    #expect(client.shows("> /send ~/会议 室.png"))
  }
}
