import FoundationEssentials
import MartletProtocol
import TestSupport
import Testing

@testable import ServerApp

/// Files that nobody needs any more go.
@Suite struct AttachmentSweeperTests {
  private static let png = Result { try MediaFile.named("rgb.png").bytes() }

  @Test func whatALostServerLeftIsRemovedAtTheStart() async throws {
    try await SharedCluster.instance.withDatabase { connectionString in
      let server = try TestServer(databaseURL: connectionString, limits: Limits())
      let database = TestDatabase(connectionString)
      try await server.start()
      let (alice, _, conversation) = try await server.conversation()
      let bytes = try Self.png.get()
      let kept = try await alice.upload(bytes, as: "kept.png", on: server).id
      try await alice.send(kept, to: .conversation(conversation))
      let partial = try await alice.begin("partial.png", bytes.count, on: server)
      _ = try await alice.patch(partial, at: 0, [1], on: server)
      let doomed = try await alice.upload(bytes, as: "doomed.png", on: server).id
      let old = try await alice.upload(bytes, as: "old.png", on: server).id
      let sent = try await alice.upload(bytes, as: "sent.png", on: server).id
      try await alice.send(sent, to: .conversation(conversation))
      await server.stop()
      // Killed between the row and the file, a day ago, and with files of which nothing is known.
      try database.execute(
        """
        DELETE FROM attachments WHERE id = '\(doomed)';
        INSERT INTO doomed_files VALUES ('\(doomed)'), (gen_random_uuid());
        UPDATE attachments SET created_at = now() - interval '1 day 1 second'
        WHERE id IN ('\(old)', '\(sent)');
        """)
      let directory = await server.dataDirectory + "/attachments/"
      for name in [
        "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002.partial",
        "what is this",
      ] {
        try Data([1]).write(to: URL(filePath: directory + name))
      }
      try await server.start()
      try await server.keeps(["\(kept)", "\(partial).partial", "\(sent)", "what is this"])
      try await eventually("nothing to be doomed") {
        try database.holds("NOT EXISTS (SELECT FROM doomed_files)") ? true : nil
      }
      #expect(try await alice.fetch(old, on: server).status == 404)
      #expect(try await alice.fetch(sent, on: server).body == bytes)
      await server.stop()
      await database.close()
    }
  }

  @Test func aFileThatCannotBeRemovedKeepsNoOther() async throws {
    try await SharedCluster.instance.withDatabase { connectionString in
      let server = try TestServer(databaseURL: connectionString, limits: Limits())
      let database = TestDatabase(connectionString)
      try await server.start()
      let alice = try await server.someone("alice")
      let other = try await alice.upload(try Self.png.get(), as: "a.png", on: server).id
      await server.stop()
      // Nothing that removes files removes a directory. It is the first to be tried.
      let stuck = "00000000-0000-4000-8000-000000000001"
      try FileManager.default.createDirectory(
        atPath: await server.dataDirectory + "/attachments/\(stuck)",
        withIntermediateDirectories: false)
      try database.execute(
        """
        DELETE FROM attachments;
        INSERT INTO doomed_files VALUES ('\(stuck)'), ('\(other)');
        """)
      try await server.start()
      try await server.keeps([stuck])
      try await eventually("the other to be forgotten") {
        try database.holds("'\(stuck)' = ALL (SELECT attachment_id FROM doomed_files)") ? true : nil
      }
      await server.stop()
      await database.close()
    }
  }

  @Test func filesOfAnotherDatabaseAreLeftAlone() async throws {
    let directory = try TestDirectory.make()
    var name = ""
    for isFirst in [true, false] {
      try await SharedCluster.instance.withDatabase { connectionString in
        let server = try TestServer(
          databaseURL: connectionString, limits: Limits(), dataDirectory: directory)
        try await server.start()
        if isFirst {
          let alice = try await server.someone("alice")
          name = try await alice.upload(try Self.png.get(), as: "a.png", on: server).id.description
        } else {
          // What is removed on purpose is removed behind what would be removed at the start.
          let alice = try await server.someone("alice")
          let id = try await alice.upload(try Self.png.get(), as: "b.png", on: server).id
          _ = try await alice.http("DELETE /v1/attachments/\(id)", on: server)
        }
        try await server.keeps([name])
        await server.stop()
      }
    }
  }

  @Test func aMessageThatRacesAClearNeverShowsAFileThatIsMissing() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let bytes = try Self.png.get()
      for round in 1...10 {
        let file = try await alice.upload(bytes, as: "\(round).png", on: server).id
        try await alice.send(file, to: .conversation(id))
        async let cleared = bob.client.call(ClearHistory(conversation: id))
        do {
          try await alice.send(file, to: .conversation(id))
        } catch let error as RPCError where error.code == .unknownAttachment {
          // The clear came first.
        }
        _ = try await cleared
        for message in try await bob.history(id) {
          let attachment = try #require(message.attachment)
          #expect(try await bob.fetch(attachment.id, on: server).body == bytes)
        }
      }
    }
  }

  @Test func aMessageThatRacesAGivingUpNeverShowsAFileThatIsMissing() async throws {
    try await TestServer.with { server in
      let (alice, bob, id) = try await server.conversation()
      let bytes = try Self.png.get()
      for round in 1...10 {
        let file = try await alice.upload(bytes, as: "\(round).png", on: server).id
        async let givenUp = alice.http("DELETE /v1/attachments/\(file)", on: server).status
        var wasSent = true
        do {
          try await alice.send(file, to: .conversation(id))
        } catch let error as RPCError where error.code == .unknownAttachment {
          wasSent = false
        }
        #expect(try await givenUp == (wasSent ? 409 : 204))
        #expect(try await bob.fetch(file, on: server).status == (wasSent ? 200 : 404))
      }
      #expect(try await bob.history(id).allSatisfy { $0.attachment != nil || $0.text == "first" })
    }
  }
}
