import MartletMedia
import MartletProtocol
import Testing

@testable import ServerCore

@Suite struct AttachmentsTests {
  private let test = TestChat()

  private func refusal(_ body: () async throws -> Void) async throws -> RPCError {
    do {
      try await body()
    } catch let error as RPCError {
      return error
    }
    throw TestChat.Missing()
  }

  private func whole(_ name: String, of signedIn: SignedIn) async throws
    -> MartletProtocol.Attachment
  {
    let id = try await test.chat.beginUpload(named: name, size: 100, as: signedIn)
    let upload = try await test.chat.upload(id, as: signedIn)
    return try await test.chat.finish(
      upload, as: MediaInspection(format: .png, width: 2, height: 1))
  }

  @Test func anUploadBecomesAFile() async throws {
    let alice = try await test.signedIn("alice")
    let file = try await whole("猫.png", of: alice)
    #expect(try await test.chat.attachment(file.id, as: alice) == file)
    #expect(file.name == "猫.png")
    #expect(file.width == 2)
    let bob = try await test.signedIn("bob")
    let fetched = try await refusal { _ = try await test.chat.attachment(file.id, as: bob) }
    let asked = try await refusal { _ = try await test.chat.upload(file.id, as: bob) }
    let givenUp = try await refusal { try await test.chat.giveUpUpload(file.id, as: bob) }
    #expect([fetched, asked, givenUp].allSatisfy { $0 == Chat.unknownAttachment })
  }

  @Test func aRefusedFileIsGivenUpAndCleanedAway() async throws {
    let alice = try await test.signedIn("alice")
    for fault in [
      MediaFault.mismatch(actual: .gif), .mismatch(actual: nil), .damaged("The file is cut short."),
    ] {
      let wakes = test.cleaner.wakes
      let id = try await test.chat.beginUpload(named: "a.png", size: 100, as: alice)
      let upload = try await test.chat.upload(id, as: alice)
      let error = try await refusal {
        try await test.chat.refuse(upload, for: fault, as: alice)
      }
      #expect(error.code == .damagedAttachment)
      #expect(test.cleaner.wakes == wakes + 1)
      let gone = try await refusal { _ = try await test.chat.upload(id, as: alice) }
      #expect(gone == Chat.unknownAttachment)
    }
  }

  @Test func whatCannotBeToldIsNotTakenForDamage() async throws {
    let alice = try await test.signedIn("alice")
    let id = try await test.chat.beginUpload(named: "a.png", size: 100, as: alice)
    let upload = try await test.chat.upload(id, as: alice)
    test.attachments.change { $0.failure = .unavailable }
    let error = try await refusal {
      try await test.chat.refuse(upload, for: .mismatch(actual: nil), as: alice)
    }
    #expect(error.code == .unavailable)
  }

  @Test func whatWasSentIsNotGivenUp() async throws {
    let alice = try await test.signedIn("alice")
    let file = try await whole("a.png", of: alice)
    test.attachments.change { $0.sent.insert(file.id) }
    let error = try await refusal { try await test.chat.giveUpUpload(file.id, as: alice) }
    #expect(error.code == .uploadConflict)
  }

  @Test func aMessageWithAFileNeedsNoText() async throws {
    let (alice, bob) = (try await test.signedIn("alice"), try await test.signedIn("bob"))
    let file = try await whole("a.png", of: alice)
    let addressed = try await test.chat.address(
      SendMessage(
        target: .user(bob.user.id), key: .numbered(1), text: " \n", attachment: file.id),
      as: alice)
    #expect(addressed.message.text == "")
    #expect(addressed.message.attachment == file.id)
  }

  @Test func aMessageWhoseFileIsGoneSaysSo() async throws {
    let (alice, bob) = (try await test.connected("alice"), try await test.signedIn("bob"))
    let file = try await whole("a.png", of: alice.signedIn)
    let addressed = try await test.chat.address(
      SendMessage(
        target: .user(bob.user.id), key: .numbered(1), text: "", attachment: file.id),
      as: alice.signedIn)
    await confirmation { answered in
      test.chat.send(addressed, from: alice.mailbox) { result in
        #expect(result == .failure(Chat.unknownAttachment))
        answered()
      }
      test.writer.fail(.missing)
    }
  }
}
