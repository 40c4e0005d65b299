import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// Files as their senders and receivers see them.
@Suite struct AttachmentTests {
  @Test(arguments: MediaFile.all)
  func everyFormatArrivesAsItWasSent(_ file: MediaFile) async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let bytes = try file.bytes()
      let attachment = try await alice.upload(bytes, as: file.name, on: server)
      #expect(attachment.name == file.name)
      #expect(attachment.size == Int64(bytes.count))
      #expect(attachment.mediaType == file.format.mediaType)
      #expect((attachment.width != nil) == (file.format.kind == .image))
      let answer = try await alice.fetch(attachment.id, on: server)
      #expect(answer.body == bytes)
    }
  }

  @Test func aFileIsInThePushTheHistoryTheListAndTheResend() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let attachment = try await alice.upload(
        try MediaFile.named("rgb.png").bytes(), as: "会议室.png", on: server)
      #expect(attachment.width == MediaFile.pictureSize.width)
      let key = IdempotencyKey.fresh()
      let reply = try await alice.send(attachment.id, to: .conversation(id), key: key)
      let message = Message(
        conversation: id, sequence: reply.sequence, sender: alice.id, sentAt: reply.sentAt,
        key: key, text: "", attachment: attachment)
      #expect(try await bob.client.settledPushes() == [.message(MessagePush(message: message))])
      #expect(try await bob.history(id).last == message)
      let list = try await bob.client.call(ListContacts(limit: 9))
      #expect(list.contacts.first?.conversation?.lastMessage?.attachment == "会议室.png")
      #expect(try await alice.send(attachment.id, to: .conversation(id), key: key) == reply)
      #expect(try await bob.client.settledPushes() == [.message(MessagePush(message: message))])
    }
  }

  @Test func aFileIsFetchedByItsOwnerAndByMembersAndByNobodyElse() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let eve = try await server.someone("eve")
      let bytes = try MediaFile.named("plain.wav").bytes()
      let file = try await alice.upload(bytes, as: "plain.wav", on: server)
      #expect(try await bob.fetch(file.id, on: server).status == 404)
      try await alice.send(file.id, "listen", to: .conversation(id))
      let answer = try await bob.fetch(file.id, on: server)
      #expect(answer.status == 200)
      #expect(answer.body == bytes)
      #expect(answer.headers["content-type"] == "audio/wav")
      #expect(answer.headers["content-disposition"] == "attachment")
      #expect(answer.headers["x-content-type-options"] == "nosniff")
      #expect(answer.headers["cache-control"] == "no-store")
      #expect(try await alice.fetch(file.id, on: server).body == bytes)
      for verb in ["GET", "HEAD", "DELETE", "PATCH"] {
        let answer = try await eve.http(
          "\(verb) /v1/attachments/\(file.id)", ["Upload-Offset: 0", "Content-Length: 0"],
          on: server)
        #expect(answer.status == 404, "\(verb)")
        if verb != "HEAD" { #expect(try answer.code() == .unknownAttachment) }
      }
      let error = try await refusal { try await eve.send(file.id, to: .user(alice.id)) }
      #expect(error.code == .unknownAttachment)
      // Nor may a member send on, or give up, what is another's.
      let other = try await refusal { try await bob.send(file.id, to: .conversation(id)) }
      #expect(other.code == .unknownAttachment)
      #expect(
        try await bob.http("DELETE /v1/attachments/\(file.id)", on: server).status == 404)
      #expect(try await alice.fetch(file.id, on: server).status == 200)
    }
  }

  @Test func whoIsNotSignedInGetsNothing() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let file = try await alice.upload(
        try MediaFile.named("still.gif").bytes(), as: "still.gif", on: server)
      for headers in [
        [], ["Authorization: Bearer x"], ["Authorization: Basic \(alice.login.token)"],
        [alice.authorization, alice.authorization],
      ] {
        for line in ["GET /v1/attachments/\(file.id)", "POST /v1/attachments?name=a.png"] {
          let answer = try await server.request(line, headers: headers + ["Upload-Length: 9"])
          #expect(answer.status == 401)
          #expect(answer.headers["www-authenticate"] == "Bearer")
        }
      }
      _ = try await alice.client.call(Logout())
      #expect(try await alice.fetch(file.id, on: server).status == 401)
    }
  }

  @Test func aPartOfAFileIsServed() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let bytes = try MediaFile.named("vorbis.ogg").bytes()
      let file = try await alice.upload(bytes, as: "a.ogg", on: server)
      let size = bytes.count
      for (range, part) in [
        ("100-", 100..<size), ("0-0", 0..<1), ("5-9", 5..<10), ("\(size - 1)-", size - 1..<size),
        ("10-\(size * 2)", 10..<size),
      ] {
        let answer = try await alice.fetch(file.id, ["Range: bytes=\(range)"], on: server)
        #expect(answer.status == 206)
        #expect(
          answer.headers["content-range"]
            == "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)")
        #expect(answer.body == Array(bytes[part]))
      }
      let answer = try await alice.fetch(file.id, ["Range: bytes=\(size)-"], on: server)
      #expect(answer.status == 416)
      #expect(answer.headers["content-range"] == "bytes */\(size)")
    }
  }

  @Test func aFileMayGoToSeveralAndGoesWithTheLast() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let carol = try await server.someone("carol")
      let file = try await alice.upload(
        try MediaFile.named("rgb.png").bytes(), as: "a.png", on: server)
      let name = file.id.description
      try await alice.send(file.id, to: .conversation(id))
      let other = try await alice.send(file.id, to: .user(carol.id)).conversation
      #expect(try await carol.fetch(file.id, on: server).status == 200)
      let refused = try await alice.http("DELETE /v1/attachments/\(name)", on: server)
      #expect(refused.status == 409)
      _ = try await bob.client.call(ClearHistory(conversation: id))
      #expect(try await bob.fetch(file.id, on: server).status == 404)
      #expect(try await carol.fetch(file.id, on: server).status == 200)
      _ = try await carol.client.call(ClearHistory(conversation: other))
      #expect(try await alice.fetch(file.id, on: server).status == 404)
      try await server.keeps([])
    }
  }

  @Test func aResendOfAFileThatWasClearedIsAnsweredAsBefore() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let file = try await alice.upload(
        try MediaFile.named("rgb.png").bytes(), as: "a.png", on: server)
      let key = IdempotencyKey.fresh()
      let reply = try await alice.send(file.id, to: .user(bob.id), key: key)
      _ = try await bob.client.call(ClearHistory(conversation: id))
      #expect(try await alice.send(file.id, to: .user(bob.id), key: key) == reply)
      let error = try await refusal { try await alice.send(file.id, to: .user(bob.id)) }
      #expect(error.code == .unknownAttachment)
    }
  }

  @Test func aRefusedFileMakesNoConversation() async throws {
    try await TestServer.with { server in
      let (alice, bob) = try await server.pair()
      let id = try await alice.begin("a.png", 1000, on: server)
      let error = try await refusal { try await alice.send(id, to: .user(bob.id)) }
      #expect(error.code == .unknownAttachment)
      #expect(try await bob.client.settledPushes().isEmpty)
      let list = try await alice.client.call(ListContacts(limit: 9))
      #expect(list.contacts.allSatisfy { $0.conversation == nil })
    }
  }
}
