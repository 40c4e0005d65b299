import FoundationEssentials
import Glibc
import MartletProtocol
import Synchronization
import TestSupport
import Testing

@testable import ServerApp

/// Uploads that go wrong, and how they go on.
@Suite struct UploadTests {
  private static let png = Result { try MediaFile.named("rgb.png").bytes() }

  // MARK: What is refused before a byte is sent

  @Test(
    arguments: [
      ("cat.png", Int64(20_000_000), 201, nil), ("cat.png", 20_000_001, 413, .attachmentTooLarge),
      ("cat.JPEG", 20_000_000, 201, nil), ("song.mp3", 100_000_000, 201, nil),
      ("song.mp3", 100_000_001, 413, .attachmentTooLarge),
      ("song.mp3", .max, 413, .attachmentTooLarge),
      ("cat.png", 0, 422, .damagedAttachment), ("cat.svg", 9, 415, .unsupportedFormat),
      ("png", 9, 415, .unsupportedFormat), ("cat.png ", 9, 415, .unsupportedFormat),
      ("../cat.png", 9, 400, .invalidFileName), ("a\\b.png", 9, 400, .invalidFileName),
      ("a\u{0}.png", 9, 400, .invalidFileName), ("a\n.png", 9, 400, .invalidFileName),
      ("gnp.\u{202E}.png", 9, 400, .invalidFileName), ("", 9, 400, .invalidFileName),
      (String(repeating: "a", count: 251) + ".png", 9, 201, nil),
      (String(repeating: "a", count: 252) + ".png", 9, 400, .invalidFileName),
      ("😀 %25'\"$(x);&.png", 9, 201, nil),
    ] as [(String, Int64, Int, ErrorCode?)])
  func nameAndSizeAreCheckedFirst(
    _ name: String, _ size: Int64, _ status: Int, _ code: ErrorCode?
  ) async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let answer = try await alice.post(name, size, on: server)
      #expect(answer.status == status)
      if let code { #expect(try answer.code() == code) }
    }
  }

  @Test func theRefusalNamesBothSizes() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      #expect(
        try await alice.post("a.png", 23_100_000, on: server).text.contains(
          "The image is 23.1 MB; images may be up to 20 MB."))
      // What is a byte too much does not read like what is allowed.
      #expect(
        try await alice.post("a.mp3", 100_000_001, on: server).text.contains(
          "The audio file is 100.1 MB; audio files may be up to 100 MB."))
    }
  }

  @Test func theLimitIsTheConfiguredOne() async throws {
    let bytes = try Self.png.get()
    for spare in [0, -1] {
      try await TestServer.with(limits: Limits(imageBytes: Int64(bytes.count + spare))) { server in
        let alice = try await server.someone("alice")
        let answer = try await alice.post("a.png", Int64(bytes.count), on: server)
        #expect(answer.status == (spare == 0 ? 201 : 413))
      }
    }
  }

  @Test(arguments: [
    ("POST /v1/attachments", ["Upload-Length: 9"]),
    ("POST /v1/attachments?name=%zz.png", ["Upload-Length: 9"]),
    ("POST /v1/attachments?name=%FF.png", ["Upload-Length: 9"]),
    ("POST /v1/attachments?name=a.png&name=b.png", ["Upload-Length: 9"]),
    ("POST /v1/attachments?name=a.png", []),
    ("POST /v1/attachments?name=a.png", ["Upload-Length: -1"]),
    ("POST /v1/attachments?name=a.png", ["Upload-Length: 9", "Upload-Length: 8"]),
    ("POST /v1/attachments?name=a.png", ["Upload-Length: 9", "Content-Length: 5"]),
  ])
  func whatMakesNoSenseIsRefused(_ line: String, _ headers: [String]) async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let answer = try await alice.http(line, headers, on: server)
      #expect(answer.status == 400)
      #expect(try answer.code() == .invalidParameters)
    }
  }

  @Test(arguments: [
    ("GET /v1/attachments", 405), ("PUT /v1/attachments/x", 405), ("GET /v1/attachments/x", 404),
    ("GET /v1/attachments/..%2Flock", 404), ("GET /v1/attachments/../lock", 404),
    ("GET /v1/attachments/00000000-0000-0000-0000-000000000000", 404),
    ("GET /v1/attachments/00000000-0000-0000-0000-000000000000/x", 404),
    ("GET /v1/attachmentsx", 404),
  ])
  func elsewhereThereIsNothing(_ line: String, _ status: Int) async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      #expect(try await alice.http(line, on: server).status == status)
    }
  }

  @Test func theQuotaIsKeptToTheByteAndGivenBack() async throws {
    try await TestServer.with(quota: 20_000) { server in
      let alice = try await server.someone("alice")
      let first = try await alice.begin("a.png", 10_000, on: server)
      let refused = try await alice.post("b.png", 10_001, on: server)
      #expect(refused.status == 507)
      #expect(try refused.code() == .quotaExceeded)
      _ = try await alice.begin("b.png", 10_000, on: server)
      #expect(try await alice.post("c.png", 1, on: server).status == 507)
      // Another's is another's.
      let bob = try await server.someone("bob")
      _ = try await bob.begin("b.png", 20_000, on: server)
      #expect(try await alice.http("DELETE /v1/attachments/\(first)", on: server).status == 204)
      // The smallest file counts as much as it takes.
      _ = try await alice.begin("c.png", 1, on: server)
      _ = try await alice.begin("c.png", 1, on: server)
      #expect(try await alice.post("c.png", 1, on: server).status == 507)
    }
  }

  @Test func twoUploadsAtOnceDoNotShareTheLastRoom() async throws {
    try await TestServer.with(quota: 50_000) { server in
      let alice = try await server.someone("alice")
      let statuses = try await withThrowingTaskGroup { group in
        for _ in 1...12 {
          group.addTask { try await alice.post("a.png", 10_000, on: server).status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.filter { $0 == 201 }.count == 5)
    }
  }

  // MARK: What is refused for its content

  @Test func whatIsNotWhatItsNameSaysIsRefusedAndGone() async throws {
    let png = try Self.png.get()
    let zip = Array("PK\u{3}\u{4}\u{14}".utf8)
    for (name, bytes) in [
      ("a.jpg", png), ("a.gif", png), ("a.png", Array(png.dropLast())), ("a.png", png + zip),
      ("a.png", png + [0]), ("a.wav", zip), ("a.png", try MediaFile.named("plain.wav").bytes()),
    ] {
      try await TestServer.with { server in
        let (alice, bob) = try await server.pair()
        let id = try await alice.begin(name, bytes.count, on: server)
        let answer = try await alice.patch(id, at: 0, bytes, on: server)
        #expect(answer.status == 422)
        #expect(try answer.code() == .damagedAttachment)
        #expect(try await alice.offset(of: id, on: server) == nil)
        let error = try await refusal { try await alice.send(id, to: .user(bob.id)) }
        #expect(error.code == .unknownAttachment)
        try await server.keeps([])
      }
    }
  }

  // MARK: Breaking off and going on

  @Test func whatHasArrivedIsKept() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let bytes = try MediaFile.named("vorbis.ogg").bytes()
      let id = try await alice.begin("a.ogg", bytes.count, on: server)
      #expect(try await alice.offset(of: id, on: server) == 0)
      let broken = try await alice.open(
        "PATCH /v1/attachments/\(id)",
        ["Upload-Offset: 0", "Content-Length: \(bytes.count)"], on: server)
      broken.write(Array(bytes[..<1000]))
      try await eventually("the beginning to arrive") {
        try await alice.offset(of: id, on: server) == 1000 ? true : nil
      }
      try await broken.abort()
      // Also across a restart.
      await server.stop()
      #expect(try await server.files() == ["\(id).partial"])
      try await server.start()
      #expect(try await alice.offset(of: id, on: server) == 1000)
      let wrong = try await alice.patch(id, at: 0, bytes, on: server)
      #expect(wrong.status == 409)
      #expect(wrong.headers["upload-offset"] == "1000")
      #expect(try wrong.code() == .uploadConflict)
      let more = try await alice.patch(id, at: 1000, Array(bytes[1000..<1500]), on: server)
      #expect(more.status == 200)
      #expect(more.text == "{\"id\":\"\(id)\",\"offset\":1500}")
      let last = try await alice.patch(id, at: 1500, Array(bytes[1500...]), on: server)
      #expect(try last.attachment().size == Int64(bytes.count))
      #expect(try await alice.fetch(id, on: server).body == bytes)
      #expect(try await server.files() == ["\(id)"])
      // Who did not hear the answer asks again.
      #expect(try await alice.offset(of: id, on: server) == bytes.count)
      let again = try await alice.patch(id, at: bytes.count, [], on: server)
      #expect(try again.attachment() == last.attachment())
    }
  }

  @Test func aServerKilledBeforeItNotedTheEndNotesItLater() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let bytes = try Self.png.get()
      let id = try await alice.begin("a.png", bytes.count, on: server)
      // Killed after the file got its name for good, and before the database heard of it.
      let path = await server.dataDirectory + "/attachments/\(id)"
      try Data(bytes).write(to: URL(filePath: path))
      #expect(try await alice.offset(of: id, on: server) == bytes.count)
      #expect(try await alice.patch(id, at: bytes.count, [], on: server).attachment().id == id)
    }
  }

  @Test func theSecondOfTwoAtOnceIsRefused() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let bytes = try Self.png.get()
      let id = try await alice.begin("a.png", bytes.count, on: server)
      let headers = ["Upload-Offset: 0", "Content-Length: \(bytes.count)"]
      let first = try await alice.open("PATCH /v1/attachments/\(id)", headers, on: server)
      first.write(Array(bytes[..<50]))
      try await eventually("the beginning to arrive") {
        try await alice.offset(of: id, on: server) == 50 ? true : nil
      }
      for offset in [0, 50] {
        let answer = try await alice.patch(id, at: offset, Array(bytes[offset...]), on: server)
        #expect(answer.status == 409)
        #expect(answer.headers["upload-offset"] == "50")
      }
      first.write(Array(bytes[50...]))
      #expect(try await first.answer().attachment().id == id)
    }
  }

  @Test func moreThanWasAnnouncedIsRefused() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let id = try await alice.begin("a.png", 100, on: server)
      let answer = try await alice.patch(id, at: 0, [UInt8](repeating: 1, count: 101), on: server)
      #expect(answer.status == 400)
      #expect(try await alice.offset(of: id, on: server) == 0)
      let chunked = try await alice.http(
        "PATCH /v1/attachments/\(id)", ["Upload-Offset: 0", "Transfer-Encoding: chunked"],
        body: Array("1\r\nx\r\n0\r\n\r\n".utf8), on: server)
      #expect(chunked.status == 400)
    }
  }

  /// The answer comes although nobody reads the body, and the connection ends although it goes on.
  @Test func aRefusalIsHeardInTheMiddleOfALargeBody() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let connection = try await alice.open(
        "PATCH /v1/attachments/00000000-0000-0000-0000-000000000001",
        ["Upload-Offset: 0", "Content-Length: 50000000"], on: server)
      for _ in 1...20 { connection.write([UInt8](repeating: 1, count: 100_000)) }
      #expect(try await connection.answer().status == 404)
    }
  }

  @Test func whoWaitsForLeaveGetsIt() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let bytes = try Self.png.get()
      let id = try await alice.begin("a.png", bytes.count, on: server)
      let connection = try await alice.open(
        "PATCH /v1/attachments/\(id)",
        ["Upload-Offset: 0", "Content-Length: \(bytes.count)", "Expect: 100-continue"], on: server)
      let leave = String(decoding: try await connection.read() ?? [], as: UTF8.self)
      #expect(leave.hasPrefix("HTTP/1.1 100 "))
      connection.write(bytes)
      #expect(try await connection.answer().attachment().id == id)
    }
  }

  @Test func aFullDiskIsSaidAndLosesNothing() async throws {
    let room = Mutex(1000)
    try await TestServer.with(writesFiles: { file, bytes, count, offset in
      room.withLock { room in
        guard room > 0 else {
          errno = ENOSPC
          return -1
        }
        let done = pwrite(file, bytes, min(count, room), offset)
        room -= max(0, done)
        return done
      }
    }) { server in
      let alice = try await server.someone("alice")
      let bytes = try MediaFile.named("vorbis.ogg").bytes()
      let id = try await alice.begin("a.ogg", bytes.count, on: server)
      let answer = try await alice.patch(id, at: 0, bytes, on: server)
      #expect(answer.status == 507)
      #expect(try answer.code() == .unavailable)
      #expect(answer.text.contains("disk is full"))
      let offset = try #require(try await alice.offset(of: id, on: server))
      #expect(0 < offset && offset <= 1000)
      room.withLock { $0 = .max }
      let last = try await alice.patch(id, at: offset, Array(bytes[offset...]), on: server)
      #expect(try last.attachment().size == Int64(bytes.count))
      #expect(try await alice.fetch(id, on: server).body == bytes)
    }
  }

  @Test func whatIsGivenUpIsGone() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let bytes = try Self.png.get()
      let whole = try await alice.upload(bytes, as: "a.png", on: server).id
      let part = try await alice.begin("b.png", bytes.count, on: server)
      _ = try await alice.patch(part, at: 0, Array(bytes[..<50]), on: server)
      for id in [whole, part] {
        #expect(try await alice.http("DELETE /v1/attachments/\(id)", on: server).status == 204)
        #expect(try await alice.http("DELETE /v1/attachments/\(id)", on: server).status == 404)
        #expect(try await alice.fetch(id, on: server).status == 404)
      }
      try await server.keeps([])
    }
  }

  @Test func oneUserHasOnlySoManyTransfersAtOnce() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      var open: [RawConnection] = []
      for _ in 1...8 {
        let id = try await alice.begin("a.png", 100, on: server)
        let connection = try await alice.open(
          "PATCH /v1/attachments/\(id)", ["Upload-Offset: 0", "Content-Length: 100"], on: server)
        connection.write([1])
        try await eventually("it to begin") {
          try await alice.offset(of: id, on: server) == 1 ? true : nil
        }
        open.append(connection)
      }
      let id = try await alice.begin("a.png", 100, on: server)
      let answer = try await alice.patch(id, at: 0, [1], on: server)
      #expect(answer.status == 429)
      #expect(try answer.code() == .overloaded)
      try await open[0].abort()
      try await eventually("room for another") {
        try await alice.patch(id, at: 0, [1], on: server).status == 200 ? true : nil
      }
    }
  }

  @Test func aStopDoesNotWaitForAnUpload() async throws {
    try await TestServer.with { server in
      let alice = try await server.someone("alice")
      let id = try await alice.begin("a.png", 100, on: server)
      let connection = try await alice.open(
        "PATCH /v1/attachments/\(id)", ["Upload-Offset: 0", "Content-Length: 100"], on: server)
      connection.write([1, 2, 3])
      try await eventually("the beginning to arrive") {
        try await alice.offset(of: id, on: server) == 3 ? true : nil
      }
      async let stop: Void = server.stop()
      _ = try await connection.readToEnd()
      await stop
      try await server.start()
      #expect(try await alice.offset(of: id, on: server) == 3)
    }
  }
}
